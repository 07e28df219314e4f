import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { invalidInput } from '#lib/errors.ts'
import { command } from '../command.ts'

export default command({
  summary: 'measures how fast loads are, on a server of its own',
  usage: '[options]',
  options: {
    invoices: { type: 'string', value: 'N', help: 'size of the shop (250000, which is 1.86 million rows)' },
    runs: { type: 'string', value: 'N', help: 'how often each case is measured (3); figures are medians' },
    quick: { type: 'boolean', help: '10,000 invoices, measured once' },
    only: { type: 'string', value: 'LIST', help: 'the cases to measure: first,rerun,same,changed,dry,uuid,dirty' },
    url: { type: 'string', value: 'URL', help: 'another server, mysql://user:password@host:port; the databases onramp_bench… there are made anew' },
    json: { type: 'string', value: 'FILE', help: 'writes the result as JSON too; - writes it to stdout, and nothing else' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    // Before anything reads a setting: the benchmark has its own server and schemas, whatever this installation has.
    process.env.ONRAMP_BUFFER_POOL ||= '2G'
    process.env.ONRAMP_STAGING_SCHEMA = 'onramp_bench_staging'
    const { dataDir } = await import('#lib/config.ts')
    const { caseNames, measureCases } = await import('#lib/bench/cases.ts')
    const { machine } = await import('#lib/bench/machine.ts')
    const { openServer } = await import('#lib/bench/server.ts')
    const { casesTable, presentMachine } = await import('#lib/bench/present.ts')

    const only = values.only?.split(',') ?? caseNames
    const unknown = only.find((name) => !(caseNames as string[]).includes(name))
    if (unknown !== undefined) throw invalidInput(`There is no case ${JSON.stringify(unknown)}. The cases are ${caseNames.join(', ')}.`)
    const folder = path.join(dataDir(), 'bench')
    mkdirSync(folder, { recursive: true })
    const stopping = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
    const server = await openServer(folder, values.url)
    try {
      const cases = await measureCases(server, {
        dataDir: folder, only: caseNames.filter((name) => only.includes(name)), signal: stopping.signal, tell: (line) => console.error(line),
        invoices: count('invoices', values.invoices) ?? (values.quick ? 10_000 : 250_000), runs: count('runs', values.runs) ?? (values.quick ? 1 : 3),
      })
      const result = { measuredAt: new Date().toISOString(), machine: machine(), server: { name: server.name, version: server.version, settings: server.settings }, cases }
      const json = JSON.stringify(result, null, 2)
      if (values.json && values.json !== '-') writeFileSync(values.json, `${json}\n`)
      console.log(values.json === '-' ? json : `${presentMachine(result)}\n\n${casesTable(cases)}`)
      return 0
    } finally {
      await server.stop()
    }
  },
})

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidInput(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`)
  return Number(text)
}

import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { invalidInput } from '#lib/errors.ts'
import { command, type Input } from '../command.ts'

const options = {
  invoices: { type: 'string', value: 'N', help: 'size of the shop (250000, which is 1.86 million rows)' },
  runs: { type: 'string', value: 'N', help: 'how often each case is measured (3); figures are medians' },
  quick: { type: 'boolean', help: '10,000 invoices, measured once' },
  only: { type: 'string', value: 'LIST', help: 'what to measure, of first,rerun,same,changed,dry,uuid,dirty,sizes,alternatives' },
  sizes: { type: 'string', value: 'LIST', help: 'line items of the shops that show how the time for a row grows (10k,100k); up to 10m' },
  url: { type: 'string', value: 'URL', help: 'another server, mysql://user:password@host:port; its databases onramp_bench, …_staging and …_raw are made anew' },
  json: { type: 'string', value: 'FILE', help: 'writes the result as JSON too; - writes it to stdout, and nothing else' },
  markdown: { type: 'boolean', help: 'prints tables as the README has them' },
} as const
type Values = Input<typeof options>['values']

export default command({
  summary: 'measures how fast loads are, on a server of its own',
  usage: '[options]',
  details: 'Its server, data and files are in the folder bench of the data folder. ONRAMP_BUFFER_POOL is 2G here unless it is set.\nExit: 0 whether or not targets hold.',
  options,
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    // Before anything reads a setting: the benchmark has its own server and schemas, whatever this installation has.
    process.env.ONRAMP_BUFFER_POOL ||= '2G'
    process.env.ONRAMP_STAGING_SCHEMA = 'onramp_bench_staging'
    const { dataDir } = await import('#lib/config.ts')
    const { openServer } = await import('#lib/bench/server.ts')
    const { measureLoads, readParts } = await import('#lib/bench/loads.ts')
    const { presentLoads } = await import('#lib/bench/present.ts')
    const { readSizes } = await import('#lib/bench/sizes.ts')
    const sizes = values.sizes === undefined ? undefined : readSizes(values.sizes)
    if (values.sizes !== undefined && !sizes) throw invalidInput(`--sizes takes numbers of line items like 10k,100k,1m, not ${JSON.stringify(values.sizes)}.`)
    const parts = readParts(values.only)
    const plan = { parts, sizes, invoices: count('invoices', values), runs: count('runs', values), quick: values.quick ?? false }

    const folder = path.join(dataDir(), 'bench')
    mkdirSync(folder, { recursive: true })
    const stopping = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
    const server = await openServer(folder, values.url)
    try {
      const result = await measureLoads(server, { ...plan, dataDir: folder, signal: stopping.signal, tell: (line) => console.error(line) })
      write(result, (form) => presentLoads(result, form), values)
      return 0
    } catch (error) {
      if (!stopping.signal.aborted) throw error
      console.error('Stopped.')
      return 1
    } finally {
      await server.stop()
    }
  },
})

function write(result: object, present: (form: 'text' | 'markdown') => string, { json, markdown }: Values): void {
  const document = JSON.stringify(result, null, 2)
  if (json !== undefined && json !== '-') writeFileSync(json, `${document}\n`)
  console.log(json === '-' ? document : present(markdown ? 'markdown' : 'text'))
}

function count(name: 'invoices' | 'runs', values: Values): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidInput(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`)
  return Number(text)
}

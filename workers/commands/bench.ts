import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UserError, invalidInput } from '#lib/errors.ts'
import { command, fromHere, type Input } from '../command.ts'
import { whenToldToStop } from '../told-to-stop.ts'

const options = {
  invoices: { type: 'string', value: 'N', help: 'size of the shop (250000, which is 1.86 million rows; corners: 100000)' },
  runs: { type: 'string', value: 'N', help: 'how often each case is measured (3; corners: 1); figures are medians' },
  quick: { type: 'boolean', help: 'small and once, to see that it works: 10,000 invoices' },
  only: { type: 'string', value: 'LIST', help: 'what to measure, of first,rerun,same,changed,dry,uuid,dirty,sizes,alternatives, or which corners' },
  sizes: { type: 'string', value: 'LIST', help: 'line items of the shops that show how the time for a row grows (10k,100k); up to 10m' },
  known: { type: 'string', value: 'N', help: 'corners: keys of other shops that the crosswalk holds (20m)' },
  url: { type: 'string', value: 'URL', help: 'another server, mysql://user:password@host:port; gets databases onramp_bench_…, dropped afterwards' },
  profile: { type: 'boolean', help: 'also tells where the time goes: the longest statements and the busiest functions' },
  json: { type: 'string', value: 'FILE', help: 'writes the result as JSON too; - writes it to stdout, and nothing else' },
  markdown: { type: 'boolean', help: 'prints tables as the README has them' },
} as const
type Values = Input<typeof options>['values']
type Form = 'text' | 'markdown'

/** What a part of the benchmark is given: its own folder and server, and how to tell what goes on. */
type Bench = { values: Values; dataDir: string; signal: AbortSignal; tell(line: string): void }
type Measured = { result: object; present(form: Form): string }

/** The parts of the benchmark by name. Each is read only when it is called. */
const parts: Record<string, (bench: Bench) => Promise<Measured>> = {
  async loads(bench) {
    const { measureLoads, readParts } = await import('#lib/bench/loads.ts')
    const { presentLoads } = await import('#lib/bench/present.ts')
    const { values } = bench
    const plan = {
      parts: readParts(values.only), sizes: await sizesOf('sizes', values), invoices: count('invoices', values), runs: count('runs', values),
      quick: values.quick ?? false, profile: values.profile ?? false,
    }
    const result = await withServer(bench, (server) => measureLoads(server, { ...bench, ...plan }))
    return { result, present: (form) => presentLoads(result, form) }
  },

  async corners(bench) {
    const { QUICK_CORNERS, USUAL_CORNERS, measureCorners, readCorners } = await import('#lib/bench/corners.ts')
    const { presentCorners } = await import('#lib/bench/present.ts')
    const { values } = bench
    const usual = values.quick ? QUICK_CORNERS : USUAL_CORNERS
    const sizes = { ...usual, plain: count('invoices', values) ?? usual.plain, known: (await sizesOf('known', values))?.[0] ?? usual.known }
    const plan = { sizes, only: readCorners(values.only), runs: count('runs', values) ?? 1, profile: values.profile ?? false }
    const result = await withServer(bench, (server) => measureCorners(server, { ...bench, ...plan }))
    return { result, present: (form) => presentCorners(result, form) }
  },

  async pages(bench) {
    const { QUICK_PAGES, USUAL_PAGES, benchPages, presentPages, readPageKinds } = await import('#lib/bench/pages.ts')
    const { values } = bench
    const plan = { sizes: values.quick ? QUICK_PAGES : USUAL_PAGES, requests: count('runs', values) ?? (values.quick ? 3 : 30), only: readPageKinds(values.only), url: values.url }
    const result = await benchPages({ ...bench, ...plan })
    return { result, present: (form) => presentPages(result, form) }
  },

  async upload(bench) {
    const { benchUpload, presentUpload } = await import('#lib/bench/upload.ts')
    const { values } = bench
    const plan = { invoices: count('invoices', values) ?? (values.quick ? 2_000 : 250_000), bytes: values.quick ? 50_000_000 : 500_000_000, runs: count('runs', values) ?? (values.quick ? 1 : 3), url: values.url }
    const result = await benchUpload({ ...bench, ...plan })
    return { result, present: (form) => presentUpload(result, form) }
  },
}

export default command({
  summary: 'measures how fast loads are, on a server of its own',
  usage: `[${Object.keys(parts).join('|')}] [options]`,
  details: [
    'loads (the default) compares loads with raw LOAD DATA of the same files and with other ways; corners loads extreme data.',
    'Server, data and files are in the folder bench of the data folder. ONRAMP_BUFFER_POOL is 2G here unless it is set.',
    'Exit: 0 when everything was measured, whether or not the targets hold.',
  ].join('\n'),
  options,
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [name = 'loads'] }) {
    const part = Object.hasOwn(parts, name) ? parts[name] : undefined
    if (!part) throw invalidInput(`bench knows ${Object.keys(parts).join(', ')}, not ${JSON.stringify(name)}.`)
    // Before anything reads a setting: the benchmark has its own server and schemas, whatever this installation has.
    process.env.ONRAMP_BUFFER_POOL ||= '2G'
    const { STAGING_SCHEMA } = await import('#lib/bench/server.ts')
    process.env.ONRAMP_STAGING_SCHEMA = STAGING_SCHEMA
    const { dataDir } = await import('#lib/config.ts')
    const folder = path.join(dataDir(), 'bench')
    mkdirSync(folder, { recursive: true })
    const stopping = new AbortController()
    whenToldToStop(() => stopping.abort(new UserError('unavailable', 'Stopped.')), () => process.exit(1))
    const { result, present } = await part({ values, dataDir: folder, signal: stopping.signal, tell: (line) => console.error(line) }).catch((error: unknown) => {
      throw stopping.signal.aborted ? stopping.signal.reason : error
    })
    const document = JSON.stringify(result, null, 2)
    if (values.json !== undefined && values.json !== '-') writeFileSync(fromHere(values.json), `${document}\n`)
    console.log(values.json === '-' ? document : present(values.markdown ? 'markdown' : 'text'))
    return 0
  },
})

type Server = Awaited<ReturnType<typeof import('#lib/bench/server.ts')['openServer']>>

async function withServer<T>({ values, dataDir }: Bench, work: (server: Server) => Promise<T>): Promise<T> {
  const { openServer } = await import('#lib/bench/server.ts')
  const server = await openServer(dataDir, values)
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

async function sizesOf(name: 'sizes' | 'known', values: Values): Promise<number[] | undefined> {
  const text = values[name]
  if (text === undefined) return undefined
  const { readSizes } = await import('#lib/bench/sizes.ts')
  const sizes = readSizes(text)
  if (!sizes) throw invalidInput(`--${name} takes numbers like 10k or 1.5m, not ${JSON.stringify(text)}.`)
  return sizes
}

function count(name: 'invoices' | 'runs', values: Values): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidInput(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`)
  return Number(text)
}

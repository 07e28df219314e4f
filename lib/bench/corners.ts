import { invalidInput } from '#lib/errors.ts'
import type { StepName } from '#lib/ingest/progress.ts'
import { chainOfLines, exceptions, largeCells, linesOfOneKey, rejectedLines, wideLines, type CornerData } from './corner-data.ts'
import { dataset, type Dataset } from './data.ts'
import { fillCrosswalks } from './known-keys.ts'
import { machine } from './machine.ts'
import { measureLoad, type LoadRun, type Span } from './measured-load.ts'
import type { Profile } from './profile.ts'
import type { CornersResult, Verdict } from './result.ts'
import type { BenchServer } from './server.ts'
import { mean, median } from './statistics.ts'
import { MOST_NODE_BYTES, atMost } from './targets.ts'

/** What a load of extreme data took, beside a load of a usual shop. */
export type CornerResult = {
  name: CornerName; title: string; rows: number; bytes: number; exceptions: number
  seconds: number; commandSeconds: number; nodeCpuSeconds: number; serverCpuSeconds: number | null; nodePeakBytes: number
  /** The time for a row (or a byte) over that of the usual shop, measured before and after it. */
  times: number; per: 'row' | 'byte' | 'row of two loads in turn'
  /** Of the slowest of its runs. */
  steps: Partial<Record<StepName, number>>; profile?: Profile
  /** Two loads at the same time: whether both were writing for most of the time. */
  bothProgress?: boolean
}

/** How large each corner is. */
export type CornerSizes = { plain: number; rejected: number; oneKey: number; chain: number; exceptions: number; wide: number; cells: number; known: number }

export const USUAL_CORNERS: CornerSizes = {
  plain: 100_000, rejected: 1_000_000, oneKey: 1_000_000, chain: 100_000, exceptions: 50_000, wide: 25_000, cells: 1_500, known: 20_000_000,
}
export const QUICK_CORNERS: CornerSizes = {
  plain: 5_000, rejected: 20_000, oneKey: 20_000, chain: 10_000, exceptions: 2_000, wide: 2_000, cells: 50, known: 100_000,
}

const LIMIT = 1.5
const COLUMNS = 400

const titles = {
  rejected: (s: CornerSizes) => `${count(s.rejected)} rejected rows`,
  oneKey: (s: CornerSizes) => `${count(s.oneKey)} rows of one key`,
  chain: (s: CornerSizes) => `a chain of line items ${count(s.chain)} deep`,
  exceptions: (s: CornerSizes) => `${count(s.exceptions)} exceptions`,
  wide: () => `a file of ${COLUMNS} columns`,
  cells: (s: CornerSizes) => `${count(s.cells)} cells of 200 KB`,
  known: (s: CornerSizes) => `${count(s.known)} keys of other shops in the crosswalk`,
  second: () => 'two shops at the same time',
} as const
export type CornerName = keyof typeof titles
export const cornerNames = Object.keys(titles) as CornerName[]

const count = (n: number) => n.toLocaleString('en-US')

/** The data that each corner of one load is made of; the others load the usual shop. */
const dataOf: { [N in CornerName]?: (sizes: CornerSizes) => CornerData } = {
  rejected: (s) => rejectedLines(s.rejected),
  oneKey: (s) => linesOfOneKey(s.oneKey),
  chain: (s) => chainOfLines(s.chain),
  exceptions: (s) => exceptions(s.exceptions),
  wide: (s) => wideLines(COLUMNS, s.wide),
  cells: (s) => largeCells(s.cells),
}

type Options = { dataDir: string; sizes: CornerSizes; only: readonly CornerName[]; runs: number; profile: boolean; signal: AbortSignal; tell(line: string): void }

/** `rejected,chain` as corners. Throws `invalid_input` for one that there is not. */
export function readCorners(text: string | undefined): readonly CornerName[] {
  return text?.split(',').map((name) => {
    const found = cornerNames.find((corner) => corner === name)
    if (!found) throw invalidInput(`There is no corner ${JSON.stringify(name)}. There are ${cornerNames.join(', ')}.`)
    return found
  }) ?? cornerNames
}

/** Loads each corner `runs` times, between loads of a usual shop, and judges it. */
export async function measureCorners(server: BenchServer, options: Options): Promise<CornersResult> {
  const { dataDir, sizes, only, runs, profile, signal, tell } = options
  const plain = await dataset(dataDir, { invoices: sizes.plain })
  const loadPlain = async () => {
    await server.reset()
    return measureLoad(server, plain, { signal })
  }
  const corners: CornerResult[] = []
  let before = await loadPlain()
  for (const name of cornerNames.filter((corner) => only.includes(corner))) {
    const results: CornerResult[] = []
    for (let i = 1; i <= runs; i++) {
      signal.throwIfAborted()
      const title = titles[name](sizes)
      if (name === 'second') {
        results.push({ name, title, ...await twoShops(server, plain, options) })
      } else {
        const made = dataOf[name]?.(sizes)
        const data = made ? await dataset(dataDir, made.options, { name: `${name} ${JSON.stringify(sizes)}`, variation: made.variation }) : plain
        await server.reset()
        if (name === 'known') await fillCrosswalks(server, plain, sizes.known)
        const load = await measureLoad(server, data, { signal, profile })
        const after = await loadPlain()
        const plainSeconds = mean([before.seconds, after.seconds])
        before = after
        const per = name === 'cells' ? 'byte' as const : 'row' as const
        const times = per === 'byte' ? (load.seconds / data.bytes) / (plainSeconds / plain.bytes) : (load.seconds / data.rows) / (plainSeconds / plain.rows)
        results.push({ name, title, rows: data.rows, bytes: data.bytes, times, per, ...figures(load) })
      }
      tell(`run ${i} of ${runs}, ${title}: ${results.at(-1)!.seconds.toFixed(2)} s, ${results.at(-1)!.times.toFixed(2)} × a usual ${results.at(-1)!.per}`)
    }
    corners.push(summed(results))
  }
  return {
    measuredAt: new Date().toISOString(), machine: machine(), server: { name: server.name, version: server.version, settings: server.settings },
    corners, targets: corners.flatMap(judgeCorner),
  }
}

function figures({ report, seconds, commandSeconds, nodeCpuSeconds, serverCpuSeconds, nodePeakBytes, profile }: LoadRun) {
  return {
    seconds, commandSeconds, nodeCpuSeconds, serverCpuSeconds, nodePeakBytes,
    exceptions: report.exceptionsTotal, steps: report.timings, ...(profile && { profile }),
  }
}

function summed(results: readonly CornerResult[]): CornerResult {
  const slowest = results.toSorted((a, b) => b.seconds - a.seconds)[0]!
  return {
    ...slowest, seconds: median(results.map((r) => r.seconds)), times: median(results.map((r) => r.times)),
    nodePeakBytes: Math.max(...results.map((r) => r.nodePeakBytes)),
    ...(slowest.bothProgress !== undefined && { bothProgress: results.every((r) => r.bothProgress) }),
  }
}

/** Two loads of two shops one after the other, then the same two at the same time. */
async function twoShops(server: BenchServer, plain: Dataset, { signal }: Options): Promise<Omit<CornerResult, 'name' | 'title'>> {
  await server.reset()
  const inTurn = [await measureLoad(server, plain, { signal }), await measureLoad(server, plain, { signal, shop: 'second' })]
  await server.reset()
  await server.settle()
  const together = await Promise.all([
    measureLoad(server, plain, { signal, beside: true }), measureLoad(server, plain, { signal, shop: 'second', beside: true }),
  ])
  const seconds = lengthOf({ fromMs: Math.min(...together.map((load) => load.whole.fromMs)), toMs: Math.max(...together.map((load) => load.whole.toMs)) })
  const [one, other] = together.map((load) => load.writing) as [Span, Span]
  const overlap = lengthOf({ fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) })
  return {
    ...figures(together[0]), seconds, rows: plain.rows * 2, bytes: plain.bytes * 2, per: 'row of two loads in turn',
    times: seconds / (inTurn[0]!.seconds + inTurn[1]!.seconds), nodePeakBytes: Math.max(...together.map((load) => load.nodePeakBytes)),
    bothProgress: overlap > Math.min(lengthOf(one), lengthOf(other)) / 2,
  }
}

const lengthOf = ({ fromMs, toMs }: Span) => (toMs - fromMs) / 1000

/** Whether a corner keeps within the limits of time and memory. */
export function judgeCorner({ title, name, times, per, nodePeakBytes, bothProgress }: CornerResult): Verdict[] {
  const memory = atMost(`${title}: most memory of Node`, nodePeakBytes / 1e6, MOST_NODE_BYTES / 1e6, ' MB', 0)
  if (name !== 'second') return [atMost(title, times, LIMIT, ` × the usual time for a ${per}`), memory]
  return [
    atMost(title, times, 1, ' × in turn'),
    { target: `${title}: both progress`, limit: 'yes', figure: bothProgress ? 'yes' : 'no', holds: bothProgress ?? null }, memory,
  ]
}

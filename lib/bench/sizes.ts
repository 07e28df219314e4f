import { dataset } from './data.ts'
import { measureLoad, type LoadRun } from './measured-load.ts'
import { loadRaw } from './raw.ts'
import type { BenchServer } from './server.ts'
import { mean, median } from './statistics.ts'

/** What a first load of so many line items takes. */
export type SizeResult = {
  lineItems: number; rows: number; bytes: number; runs: number
  seconds: number; microsecondsPerRow: number; timesRaw: number; nodePeakBytes: number
}

type Options = { dataDir: string; sizes: readonly number[]; runs: number; signal: AbortSignal; tell(line: string): void }

// What the made-up shop has (lib/sample).
const LINE_ITEMS_AN_INVOICE = 4.19

/** Loads shops of these sizes (line items), each into an empty database, to see how the time for a row grows. */
export async function measureSizes(server: BenchServer, { dataDir, sizes, runs, signal, tell }: Options): Promise<SizeResult[]> {
  const results: SizeResult[] = []
  for (const size of sizes) {
    const data = await dataset(dataDir, { invoices: Math.max(1, Math.round(size / LINE_ITEMS_AN_INVOICE)) })
    const loads: (LoadRun & { timesRaw: number })[] = []
    for (let i = 1; i <= runs; i++) {
      signal.throwIfAborted()
      await server.reset()
      const before = await loadRaw(server, data)
      const load = await measureLoad(server, data, { signal })
      const timesRaw = load.seconds / mean([before, await loadRaw(server, data)])
      loads.push({ ...load, timesRaw })
      tell(`run ${i} of ${runs}, ${data.lineItems} line items: ${load.seconds.toFixed(2)} s, ${timesRaw.toFixed(2)} × raw`)
    }
    const seconds = median(loads.map((load) => load.seconds))
    results.push({
      lineItems: data.lineItems, rows: data.rows, bytes: data.bytes, runs, seconds, microsecondsPerRow: (seconds * 1e6) / data.rows,
      timesRaw: median(loads.map((load) => load.timesRaw)), nodePeakBytes: Math.max(...loads.map((load) => load.nodePeakBytes)),
    })
  }
  return results
}

const UNITS: Record<string, number> = { '': 1, k: 1e3, m: 1e6 }

/** `10k,1.5m` as numbers; undefined where a part of it is none. */
export function readSizes(text: string): number[] | undefined {
  const sizes = text.split(',').map((part) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(part.trim()) ?? []
    return digits === undefined ? NaN : Math.round(Number(digits) * UNITS[unit!.toLowerCase()]!)
  })
  return sizes.every((size) => size >= 1) ? sizes : undefined
}

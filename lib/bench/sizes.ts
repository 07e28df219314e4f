import { setTimeout as sleep } from 'node:timers/promises'
import { dataset, type Dataset } from './data.ts'
import { startWorker, type WorkerLoad } from './measured-worker.ts'
import { loadRaw } from './raw.ts'
import type { BenchServer } from './server.ts'
import { mean, median } from './statistics.ts'

/** What a first load of so many line items takes. */
export type SizeResult = {
  lineItems: number; rows: number; bytes: number; runs: number
  seconds: number; microsecondsPerRow: number; timesRaw: number; nodePeakBytes: number
}

type Options = { dataDir: string; sizes: readonly number[]; runs: number; quick: boolean; signal: AbortSignal; tell(line: string): void }

// What the made-up shop has (lib/sample).
const LINE_ITEMS_AN_INVOICE = 4.19

// What the worker has loaded before: other shops, of so many line items.
const BEFORE = [100_000, ...Array.from({ length: 10 }, () => 10_000)]
// In which a worker gets ready for the next load.
const REST_MS = 3000

type SizedLoad = WorkerLoad & { timesRaw: number }

const shopOf = (dataDir: string, lineItems: number) => dataset(dataDir, { invoices: Math.max(1, Math.round(lineItems / LINE_ITEMS_AN_INVOICE)) })

/**
 * Loads shops of these sizes (line items) to see how the time for a row grows, as it is from day to day: by a worker that has
 * loaded other shops and then rested, into a database that holds these. Every run loads one shop of each size, so that all have
 * the machine's better and worse minutes.
 */
export async function measureSizes(server: BenchServer, { dataDir, sizes, runs, quick, signal, tell }: Options): Promise<SizeResult[]> {
  const others: Dataset[] = []
  for (const size of quick ? [Math.min(...sizes)] : BEFORE) others.push(await shopOf(dataDir, size))
  const shops: { data: Dataset; loads: SizedLoad[] }[] = []
  for (const size of sizes.toSorted((a, b) => a - b)) shops.push({ data: await shopOf(dataDir, size), loads: [] })
  for (let i = 1; i <= runs; i++) {
    await server.reset()
    const worker = startWorker(server, signal)
    try {
      for (const [n, other] of others.entries()) await worker.load(other, `other-${n}`)
      for (const [n, { data, loads }] of shops.entries()) {
        signal.throwIfAborted()
        const rawBefore = await loadRaw(server, data)
        if (!quick) await sleep(REST_MS, undefined, { signal })
        const load = await worker.load(data, `shop-${n}`)
        loads.push({ ...load, timesRaw: load.seconds / mean([rawBefore, await loadRaw(server, data)]) })
        tell(`run ${i} of ${runs}, ${data.lineItems} line items: ${load.seconds.toFixed(2)} s, ${loads.at(-1)!.timesRaw.toFixed(2)} × raw`)
      }
    } finally {
      await worker.stop()
    }
  }
  return shops.map(({ data, loads }) => {
    const seconds = median(loads.map((load) => load.seconds))
    return {
      lineItems: data.lineItems, rows: data.rows, bytes: data.bytes, runs, seconds, microsecondsPerRow: (seconds * 1e6) / data.rows,
      timesRaw: median(loads.map((load) => load.timesRaw)), nodePeakBytes: Math.max(...loads.map((load) => load.nodePeakBytes)),
    }
  })
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

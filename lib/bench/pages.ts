import path from 'node:path'
import { UserError, invalidInput } from '#lib/errors.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { pageKinds, pageRequests, type PageKind, type PageRequest } from './page-requests.ts'
import { seedPages, seededBefore, type PageSizes } from './pages-seed.ts'
import { openPortal, type BenchPortal } from './portal.ts'
import { presentSetting, presentTable, targetsTable, type Form } from './present.ts'
import type { Setting, Verdict } from './result.ts'
import { percentile } from './statistics.ts'

/** The time of a whole answer, in milliseconds. `first`: of the very first one, which found nothing in memory. */
export type PageFigures = { of: PageKind; request: string; p50: number; p95: number; max: number; first: number; bytes: number; holds: boolean }
export type PagesResult = Setting & { sizes: PageSizes; requests: number; pages: PageFigures[]; targets: Verdict[] }

export const USUAL_PAGES: PageSizes = { loads: 100_000, staged: 1_000_000, exceptions: 50_000, invoices: 250_000 }
export const QUICK_PAGES: PageSizes = { loads: 2_000, staged: 10_000, exceptions: 1_000, invoices: 2_000 }

const MOST_MS = 300
// What a page says where it could not be made; Next has sent its status by then.
const FAILED_PAGE = 'This page could not be shown'

export type PagesOptions = {
  /** The benchmark's folder; the portal's own is below it, and is kept for the next time. */
  dataDir: string; url?: string; sizes: PageSizes; requests: number; only: readonly PageKind[]; signal: AbortSignal
  tell(line: string): void
}

/** The pages that `--only` names, separated by commas; all when it is not given. Throws `invalid_input`. */
export function readPageKinds(text: string | undefined): readonly PageKind[] {
  const names = text?.split(',') ?? [...pageKinds]
  const unknown = names.find((name) => !(pageKinds as readonly string[]).includes(name))
  if (unknown !== undefined) throw invalidInput(`There are no pages ${JSON.stringify(unknown)}. They are ${pageKinds.join(', ')}.`)
  return pageKinds.filter((kind) => names.includes(kind))
}

/** Asks a portal in production mode, full of data, for every page and filter over HTTP, one request at a time. */
export async function benchPages({ dataDir, url, sizes, requests, only, signal, tell }: PagesOptions): Promise<PagesResult> {
  tell('Starting the portal …')
  const portal = await openPortal({ dataDir: path.join(dataDir, `pages-${Object.values(sizes).join('-')}`), url, signal })
  try {
    const { db, stagingSchema } = portal
    const seeded = await seededBefore(db, stagingSchema, sizes) ?? await seedAnew(portal, sizes, tell)
    const pages: PageFigures[] = []
    for (const request of pageRequests(seeded, sizes).filter(({ of }) => only.includes(of))) {
      signal.throwIfAborted()
      const figures = await measure(portal, request, requests)
      tell(`${figures.request}: p95 ${Math.round(figures.p95)} ms`)
      pages.push(figures)
    }
    return { ...await portal.setting(), sizes, requests, pages, targets: verdicts(pages) }
  } finally {
    await portal.stop()
  }
}

async function seedAnew({ db, stagingSchema }: BenchPortal, sizes: PageSizes, tell: (line: string) => void) {
  const known = await row(db, sql`select 1 from shop limit 1`)
  if (known) throw new UserError('conflict', 'The database of the benchmark was not filled to the end. Remove its folders bench/pages-… in the data folder, and start again.')
  tell('Filling the database …')
  return seedPages(db, stagingSchema, sizes)
}

async function measure(portal: BenchPortal, { of, where, body }: PageRequest, requests: number): Promise<PageFigures> {
  const times: number[] = []
  const how = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  let bytes = 0
  for (let i = 0; i <= requests; i++) {
    const answer = await portal.ask(where, how)
    if (answer.status !== 200 || (i === 0 && answer.body.includes(FAILED_PAGE))) throw new Error(`${where} answered ${answer.status}: ${answer.body.toString().slice(0, 500)}`)
    times.push(answer.ms)
    bytes = answer.bytes
  }
  const [first, ...rest] = times as [number, ...number[]]
  const p95 = percentile(rest, 95)
  return { of, request: `${body ? 'POST ' : ''}${where}${body ? ` ${JSON.stringify(body)}` : ''}`, p50: percentile(rest, 50), p95, max: Math.max(...rest), first, bytes, holds: p95 < MOST_MS }
}

function verdicts(pages: readonly PageFigures[]): Verdict[] {
  return pageKinds.flatMap((kind) => {
    const own = pages.filter(({ of }) => of === kind)
    if (own.length === 0) return []
    const worst = own.reduce((a, b) => (b.p95 > a.p95 ? b : a))
    return [{ target: `${kind}: p95 of the slowest of ${own.length}`, limit: `< ${MOST_MS} ms`, figure: `${Math.round(worst.p95)} ms (${worst.request})`, holds: worst.holds }]
  })
}

/** What was measured of pages, for a person. */
export function presentPages(result: PagesResult, form: Form): string {
  const { pages, sizes, requests, targets } = result
  const ms = (value: number) => String(Math.round(value))
  const count = (value: number) => value.toLocaleString('en-US')
  const table = [
    ['milliseconds', 'p50', 'p95', 'max', 'first', 'KB', `< ${MOST_MS}`],
    ...pages.map((page) => [page.request, ms(page.p50), ms(page.p95), ms(page.max), ms(page.first), String(Math.ceil(page.bytes / 1000)), page.holds ? 'holds' : 'does not hold']),
  ]
  return [
    presentSetting(result),
    `${count(sizes.loads)} loads; one load with ${count(sizes.staged)} staged line items and ${count(sizes.exceptions)} exceptions; a shop with ${count(sizes.invoices)} invoices. ${requests} requests each, one at a time, to the last byte.`,
    presentTable(table, form), presentTable(targetsTable(targets), form),
  ].join('\n\n')
}

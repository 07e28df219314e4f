import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'mysql2/promise'
import { MANIFEST_NAME, entities, type EntityName } from '#lib/contract/index.ts'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { random } from '#lib/sample/random.ts'
import { fileOf, wrongAnswer, type Package, type Person, type SentFile } from './person.ts'
import { MOST_BYTES, megabytes, residentBytes } from './memory.ts'
import type { Tally } from './tally.ts'

export type FloodOptions = {
  db: Pool
  tally: Tally
  /** Those who send, each with a session of their own: nobody may send as much as all of them together. */
  people: readonly Person[]
  /** Somebody who looks at pages meanwhile. */
  reader: Person
  /** The processes of the portal and of workers, by their names. */
  processes: Readonly<Record<string, () => number>>
  name: string
  uploads: number
  /** How many of these loads somebody else sends too, at the same moment. */
  pairs: number
  shops: number
  underWay?: Set<string>
}
/** `calmP95Ms`: of the same pages just before, which tells how fast this machine is today. `mostBytes`: that each process held. */
export type Flood = { seconds: number; pages: number; unanswered: number; pageP95Ms: number; calmP95Ms: number; mostBytes: Readonly<Record<string, number>> }

const ENDS_WITHIN_MS = 600_000
const PAGES = ['/', '/loads', '/shops', '/invoices']
const CALM_PAGES = 20
// S5 asks for 1,500. Measured on two cores are 100 to 120 ms, beside 100 just before.
const SLOW_PAGE_MS = 500
const TIMES_SLOWER = 3
// Nobody kills the portal meanwhile.
const MOST_UNANSWERED = 3
const UNANSWERED = 'pages of a flood without an answer'
const CENTS = 12_345

const csv = (header: string, ...lines: string[]) => Buffer.from([header, ...lines, ''].join('\n'))

/** A delivery of some 2 KB: a customer with an invoice, and a payment of as many cents as its number says. */
function delivery(loadId: string, n: number): { files: SentFile[]; manifest: unknown } {
  const note = 'x'.repeat(900)
  const contents: Partial<Record<EntityName, [Buffer, number]>> = {
    customer: [csv('externalCustomerId,firstName', `${loadId}-C,Ann`), 1],
    invoice: [csv('externalDocumentId,externalCustomerId,shopNote,total', `${loadId}-I,${loadId}-C,${note},10.00`), 1],
    payment: [csv('externalPaymentId,externalDocumentId,paymentAmount', `${loadId}-P,${loadId}-I,${((CENTS + n) / 100).toFixed(2)}`), 1],
  }
  const files = entities.map((e) => ({ rows: contents[e.name]?.[1] ?? 0, file: fileOf(e.file, contents[e.name]?.[0] ?? Buffer.alloc(0)) }))
  const manifest = { load_id: loadId, files: files.map(({ rows, file }) => ({ name: file.name, rows, sha256: file.sha256 })) }
  return { files: [...files.map(({ file }) => file), fileOf(MANIFEST_NAME, Buffer.from(JSON.stringify(manifest)))], manifest }
}

/**
 * S5: very many uploads begin at the same moment, some of them twice. Waits until every load has ended, and complains about each that
 * did not end well, about money that is not what was sent, and about answers that say neither yes nor "later".
 */
export async function flood({ db, tally, people, reader, processes, name, uploads, pairs, shops, underWay }: FloodOptions): Promise<Flood> {
  const { insertId: partnerId } = await run(db, sql`insert into partner (slug, name) values (${name}, ${name})`)
  const ids: number[] = []
  for (let i = 0; i < shops; i++) ids.push((await run(db, sql`insert into shop (partnerId, slug, name, timeZone) values (${partnerId}, ${`s${i}`}, 'Flood', 'America/New_York')`)).insertId)
  const packages = Array.from({ length: uploads }, (_, n): Package => ({ shopId: ids[n % shops]!, loadId: `load-${n}`, ...delivery(`load-${n}`, n) }))

  const over = new AbortController()
  const mostBytes = Object.fromEntries(Object.keys(processes).map((process) => [process, 0]))
  const watching = setInterval(() => {
    for (const [process, pid] of Object.entries(processes)) mostBytes[process] = Math.max(mostBytes[process]!, residentBytes(pid()))
  }, 250)
  const calm: number[] = []
  for (let n = 0; n < CALM_PAGES; n++) await readPage(reader, n, calm, tally)
  const pages: number[] = []
  const unansweredBefore = tally.of(UNANSWERED)
  const reading = readPages(reader, pages, tally, over.signal)
  const startedMs = performance.now()
  const send = async (sending: Package, n: number, again: string) => {
    const sent = await people[n % people.length]!.send(sending, random(n, again))
    if ('refused' in sent) return tally.problem(`${name}/${sending.loadId} was refused: ${sent.refused}`)
    underWay?.add(sent.id)
    tally.count(`uploads of a flood${again}`)
  }
  try {
    await Promise.all([...packages.map((one, n) => send(one, n, '')), ...packages.slice(0, pairs).map((one, n) => send(one, n + 1, ', sent by a second person too'))])
    await untilEnded(db, partnerId)
  } finally {
    over.abort()
    clearInterval(watching)
    await reading
  }
  await compareSums(db, tally, partnerId, uploads)
  return { seconds: (performance.now() - startedMs) / 1000, pages: pages.length, unanswered: tally.of(UNANSWERED) - unansweredBefore, pageP95Ms: p95(pages), calmP95Ms: p95(calm), mostBytes }
}

const p95 = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length * 0.95)] ?? 0

/** What is wrong with the time that pages took, with those that had no answer, and with what processes held. A machine that is slow anyway may take its time. */
export function judgeFlood({ pages, unanswered, pageP95Ms, calmP95Ms, mostBytes }: Flood): string[] {
  const slowMs = Math.max(SLOW_PAGE_MS, TIMES_SLOWER * calmP95Ms)
  return [
    ...(pages === 0 ? ['no page was looked at during a flood'] : []),
    ...(pageP95Ms > slowMs ? [`during a flood a page in twenty took longer than ${pageP95Ms.toFixed(0)} ms, and may take ${slowMs.toFixed(0)}`] : []),
    ...(unanswered > MOST_UNANSWERED ? [`${unanswered} of ${pages} pages had no answer during a flood`] : []),
    ...Object.entries(mostBytes).flatMap(([process, bytes]) => {
      if (bytes === 0) return [`nobody saw what the ${process} held during a flood`]
      return bytes > MOST_BYTES[process === 'portal' ? 'portal' : 'worker'] ? [`the ${process} held ${megabytes(bytes)} during a flood`] : []
    }),
  ]
}

/** The same in one line. */
export function tellFlood(uploads: number, { seconds, pages, unanswered, pageP95Ms, calmP95Ms, mostBytes }: Flood): string {
  const held = Object.entries(mostBytes).map(([process, bytes]) => `the ${process} at most ${megabytes(bytes)}`)
  return `${uploads.toLocaleString('en-US')} uploads at once: all ended after ${seconds.toFixed(0)} s; ${pages} pages meanwhile, ${unanswered} without an answer, 95 % within ${pageP95Ms.toFixed(0)} ms (before: ${calmP95Ms.toFixed(0)}); ${held.join(', ')}`
}

async function readPages(reader: Person, took: number[], tally: Tally, stop: AbortSignal): Promise<void> {
  for (let n = 0; !stop.aborted; n++) {
    await readPage(reader, n, took, tally)
    await sleep(200)
  }
}

async function readPage(reader: Person, n: number, took: number[], tally: Tally): Promise<void> {
  const page = PAGES[n % PAGES.length]!
  const startedMs = performance.now()
  try {
    const answer = await reader.client.ask('GET', page)
    await answer.text()
    const wrong = wrongAnswer(answer.status, answer.headers.get('retry-after'))
    if (wrong) tally.problem(`the page ${page} ${wrong} during a flood`)
    else if (answer.status === 503) tally.count('pages of a flood told to come again')
    else if (answer.status !== 200) tally.problem(`the page ${page} answered ${answer.status} during a flood`)
  } catch {
    tally.count(UNANSWERED)
  }
  took.push(performance.now() - startedMs)
}

async function untilEnded(db: Pool, partnerId: number): Promise<void> {
  const deadline = Date.now() + ENDS_WITHIN_MS
  for (;;) {
    const open = Number((await row<{ n: number }>(db, sql`select count(*) as n from \`load\` join shop on shop.id = \`load\`.shopId where partnerId = ${partnerId} and status in ('draft', 'uploading', 'queued', 'running')`))!.n)
    if (open === 0) return
    if (Date.now() > deadline) throw new Error(`${open} loads of a flood have not ended for ${ENDS_WITHIN_MS / 1000} seconds`)
    await sleep(250)
  }
}

async function compareSums(db: Pool, tally: Tally, partnerId: number, uploads: number): Promise<void> {
  const cents = uploads * CENTS + (uploads * (uploads - 1)) / 2
  const found = (await row<{ loads: number; attempts: number; payments: number; cents: string }>(db, sql`select
    (select count(*) from \`load\` join shop on shop.id = \`load\`.shopId where partnerId = ${partnerId} and status = 'completed') as loads,
    (select count(*) from attempt join \`load\` on \`load\`.id = attempt.loadId join shop on shop.id = \`load\`.shopId where partnerId = ${partnerId}) as attempts,
    (select count(*) from payment join shop on shop.id = payment.shopId where partnerId = ${partnerId}) as payments,
    (select cast(coalesce(sum(paymentAmount), 0) * 100 as decimal(20, 0)) from payment join shop on shop.id = payment.shopId where partnerId = ${partnerId}) as cents`))!
  const expected = { loads: uploads, attempts: uploads, payments: uploads, cents }
  for (const [what, n] of Object.entries(expected)) {
    const is = Number(found[what as keyof typeof expected])
    if (is !== n) tally.problem(`after a flood of ${uploads} uploads there are ${is} ${what} and not ${n}`)
  }
}

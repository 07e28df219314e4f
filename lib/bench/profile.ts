import { readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Connection } from 'mysql2/promise'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'

/** Where the time of a load went: what the server was asked, and what Node was busy with. The longest first. */
export type Profile = {
  statements: { seconds: number; times: number; text: string }[]
  functions: { seconds: number; name: string; place: string }[]
}

const LISTED = 30
const TEXT_LENGTH = 110
const root = path.resolve(import.meta.dirname, '../..')

/** Runs `work` while the server notes every statement with its time. `nodeFolder`: where its processes leave CPU profiles. */
export async function profiled<T>(connection: Connection, nodeFolder: string, work: () => Promise<T>): Promise<{ result: T; profile: Profile }> {
  const before = (await row<{ isOn: number; seconds: number; output: string }>(connection, sql`
    select @@global.slow_query_log as isOn, @@global.long_query_time as seconds, @@global.log_output as output`))!
  rmSync(nodeFolder, { recursive: true, force: true })
  await run(connection, sql`set global log_output = 'TABLE', global long_query_time = 0`)
  await run(connection, sql`truncate table mysql.slow_log`)
  await run(connection, sql`set global slow_query_log = 1`)
  try {
    const result = await work()
    await run(connection, sql`set global slow_query_log = 0`)
    return { result, profile: { statements: await statements(connection), functions: functionsOf(nodeFolder) } }
  } finally {
    await run(connection, sql`set global slow_query_log = ${before.isOn}, global long_query_time = ${before.seconds}, global log_output = ${before.output}`)
  }
}

async function statements(connection: Connection): Promise<Profile['statements']> {
  const found = await rows<{ seconds: string; text: string | Buffer }>(connection, sql`
    select time_to_sec(query_time) + microsecond(query_time) / 1e6 as seconds, sql_text as text from mysql.slow_log`)
  return summedStatements(found.map(({ seconds, text }) => ({ seconds: Number(seconds), text: String(text) })))
}

/** Statements that begin alike, numbers aside, as one. */
export function summedStatements(found: readonly { seconds: number; text: string }[]): Profile['statements'] {
  const byText = new Map<string, Profile['statements'][number]>()
  for (const { seconds, text } of found) {
    const alike = text.replace(/\s+/g, ' ').replace(/onramp_bench_\d+/g, '…').replace(/\b\d+\b/g, 'N').slice(0, TEXT_LENGTH)
    const one = byText.get(alike) ?? { seconds: 0, times: 0, text: alike }
    byText.set(alike, { ...one, seconds: one.seconds + seconds, times: one.times + 1 })
  }
  return [...byText.values()].toSorted((a, b) => b.seconds - a.seconds).slice(0, LISTED)
}

type CpuProfile = { nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]; samples: number[]; timeDeltas: number[] }

function functionsOf(folder: string): Profile['functions'] {
  return readdirSync(folder).flatMap((file) => busyFunctions(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as CpuProfile))
    .toSorted((a, b) => b.seconds - a.seconds).slice(0, LISTED)
}

/** The time that each function was busy with itself, without those that it called. */
export function busyFunctions({ nodes, samples, timeDeltas }: CpuProfile): Profile['functions'] {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const found = new Map<string, Profile['functions'][number]>()
  for (const [i, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id)!
    if (functionName === '(idle)') continue
    const place = url.startsWith('file:') ? `${path.relative(root, fileURLToPath(url))}:${lineNumber + 1}` : url
    const name = functionName || '(anonymous)'
    const one = found.get(`${name} ${place}`) ?? { seconds: 0, name, place }
    found.set(`${name} ${place}`, { ...one, seconds: one.seconds + timeDeltas[i]! / 1e6 })
  }
  return [...found.values()].toSorted((a, b) => b.seconds - a.seconds)
}

import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { entities } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { ident, row, sql } from '#lib/ingest/sql/sql.ts'
import type { Dataset } from './data.ts'
import { profiled, type Profile } from './profile.ts'
import { startOnramp } from './measured-process.ts'
import type { BenchServer } from './server.ts'

/** What one run of a load took. Null: not to be had, because the server is on another machine. */
export type Measured = {
  /** From the moment at which the worker takes the load up to the end of its commit. The files are in the store by then. */
  seconds: number
  /** The whole command: starting Node, taking the files into the store, the load, the report. */
  commandSeconds: number
  nodeCpuSeconds: number
  serverCpuSeconds: number | null
  /** The most memory that the loading process held at once. */
  nodePeakBytes: number
  nodeWrittenBytes: number
  /** What the server wrote to the disk for it, also after its end. */
  serverWrittenBytes: number | null
  /** Rows of production tables that were made or changed, counted there. */
  productionRows: number
}

/** From and to, in milliseconds of the database's clock. */
export type Span = { fromMs: number; toMs: number }

/** `report`: what the load says of itself. `timings` there are per step; steps overlap. `writing`: from its first to its last write step. */
export type LoadRun = Measured & { report: Report; whole: Span; writing: Span; profile?: Profile }

/**
 * `beside`: while another load runs, so nothing is waited for, and what the server does cannot be told apart.
 * `profile`: also where the time goes, which costs some of it.
 */
export type LoadOptions = { signal: AbortSignal; profile?: boolean; shop?: string; dryRun?: boolean; again?: boolean; beside?: boolean }

const ENDED_WELL = [0, 2]

/**
 * Runs `onramp load` (or with `again` `onramp rerun`) in a process of its own, as a user would, and measures it from outside.
 * Throws when the load did not complete.
 */
export async function measureLoad(server: BenchServer, data: Dataset, options: LoadOptions): Promise<LoadRun> {
  const { signal, profile = false, shop, dryRun = false, again = false, beside = false } = options
  if (!beside) await server.settle()
  const usageFile = path.join(server.files, `usage-${shop ?? ''}.json`)
  rmSync(usageFile, { force: true })
  const before = beside ? null : server.usage()
  const startedMs = performance.now()
  const what = again ? ['rerun', data.loadName] : ['load', data.folder, ...(shop ? ['--shop', shop] : [])]
  const args = [...what, ...(dryRun ? ['--dry-run'] : []), '--json']
  const profileFolder = path.join(server.files, 'profile')
  const { result: report, profile: found } = profile
    ? await profiled(server.connection, profileFolder, () => runOnramp(args, { server, usageFile, signal, profileFolder }))
    : { result: await runOnramp(args, { server, usageFile, signal }), profile: undefined }
  const commandSeconds = (performance.now() - startedMs) / 1000
  const after = server.usage()
  if (!beside) await server.settle()
  const settled = server.usage()
  const node = JSON.parse(readFileSync(usageFile, 'utf8')) as { cpuSeconds: number; writtenBytes: number; peakBytes: number }
  rmSync(usageFile)
  const { whole, writing } = await spansOf(server, report)
  return {
    report, whole, writing, ...(found && { profile: found }),
    seconds: (whole.toMs - whole.fromMs) / 1000, commandSeconds,
    nodeCpuSeconds: node.cpuSeconds, nodePeakBytes: node.peakBytes, nodeWrittenBytes: node.writtenBytes,
    serverCpuSeconds: before && after && after.cpuSeconds - before.cpuSeconds,
    serverWrittenBytes: before && settled && settled.writtenBytes - before.writtenBytes,
    productionRows: await productionRowsSince(server, whole.fromMs),
  }
}

type RunOptions = { server: BenchServer; usageFile: string; signal: AbortSignal; profileFolder?: string }

async function runOnramp(args: string[], { server, usageFile, signal, profileFolder }: RunOptions): Promise<Report> {
  const flags = ['--import', path.join(import.meta.dirname, 'note-usage.ts'), ...(profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [])]
  const child = startOnramp(args, server, { signal, flags, env: { ONRAMP_USAGE_FILE: usageFile } })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  if (!ENDED_WELL.includes(code ?? 1)) throw new Error(`onramp ${args.join(' ')} ended with ${code}. ${output.slice(0, 2000)}`)
  return JSON.parse(output) as Report
}

/** From the beginning of the attempt to the end of its last step, which is the commit; and of its writing. */
export async function spansOf({ connection, url }: BenchServer, report: Pick<Report, 'loadId' | 'shop' | 'attempt'>): Promise<{ whole: Span; writing: Span }> {
  const of = (table: string) => ident(addressOf(url).database, table)
  const found = (await row<Record<'fromAt' | 'toAt' | 'writeFrom' | 'writeTo', Date>>(connection, sql`
    select attempt.startedAt as fromAt, max(step.finishedAt) as toAt,
      min(if(step.name = 'write', step.startedAt, null)) as writeFrom, max(if(step.name = 'write', step.finishedAt, null)) as writeTo
    from ${of('attempt')} attempt join ${of('load')} l on l.id = attempt.loadId join ${of('shop')} shop on shop.id = l.shopId
    join ${of('step')} step on step.attemptId = attempt.id
    where l.slug = ${report.loadId} and shop.slug = ${report.shop} and attempt.number = ${report.attempt} group by attempt.id`))!
  const span = (from: Date, to: Date): Span => ({ fromMs: from.getTime(), toMs: to.getTime() })
  return { whole: span(found.fromAt, found.toAt), writing: span(found.writeFrom, found.writeTo) }
}

async function productionRowsSince({ connection, url }: BenchServer, sinceMs: number): Promise<number> {
  const since = new Date(sinceMs)
  let total = 0
  for (const e of entities) {
    const table = ident(addressOf(url).database, e.name)
    const found = await row<{ n: number }>(connection, sql`select count(*) as n from ${table} where updatedAt >= ${since}`)
    total += Number(found!.n)
  }
  return total
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { entities } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'
import { ident, row, sql } from '#lib/ingest/sql/sql.ts'
import type { Dataset } from './data.ts'
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

/** `report`: what the load says of itself. `timings` there are per step; steps overlap. */
export type LoadRun = Measured & { report: Report }

export type LoadOptions = { dataDir: string; signal: AbortSignal; shop?: string; dryRun?: boolean; again?: boolean }

const root = path.resolve(import.meta.dirname, '../..')
const ENDED_WELL = [0, 2]

/**
 * Runs `onramp load` (or with `again` `onramp rerun`) in a process of its own, as a user would, and measures it from outside.
 * Throws when the load did not complete.
 */
export async function measureLoad(server: BenchServer, data: Dataset, { dataDir, signal, shop, dryRun = false, again = false }: LoadOptions): Promise<LoadRun> {
  await server.settle()
  const usageFile = path.join(dataDir, `usage-${process.pid}-${shop ?? ''}.json`)
  rmSync(usageFile, { force: true })
  const before = server.usage()
  const startedMs = performance.now()
  const what = again ? ['rerun', data.loadName] : ['load', data.folder, ...(shop ? ['--shop', shop] : [])]
  const report = await runOnramp([...what, ...(dryRun ? ['--dry-run'] : []), '--json'], { server, dataDir, usageFile, signal })
  const commandSeconds = (performance.now() - startedMs) / 1000
  const after = server.usage()
  await server.settle()
  const settled = server.usage()
  const node = JSON.parse(readFileSync(usageFile, 'utf8')) as { cpuSeconds: number; writtenBytes: number; peakBytes: number }
  rmSync(usageFile)
  const attempt = await attemptOf(server, report)
  return {
    report, seconds: attempt.seconds, commandSeconds, nodeCpuSeconds: node.cpuSeconds, nodePeakBytes: node.peakBytes, nodeWrittenBytes: node.writtenBytes,
    serverCpuSeconds: before && after && after.cpuSeconds - before.cpuSeconds,
    serverWrittenBytes: before && settled && settled.writtenBytes - before.writtenBytes,
    productionRows: await productionRowsSince(server, attempt.startedAt),
  }
}

type RunOptions = { server: BenchServer; dataDir: string; usageFile: string; signal: AbortSignal }

async function runOnramp(args: string[], { server, dataDir, usageFile, signal }: RunOptions): Promise<Report> {
  const env = { ...process.env, DATABASE_URL: server.url, ONRAMP_DATA_DIR: dataDir, ONRAMP_USAGE_FILE: usageFile }
  const child = spawn(process.execPath, ['--import', path.join(import.meta.dirname, 'note-usage.ts'), path.join(root, 'workers/onramp.ts'), ...args],
    { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], signal })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  if (!ENDED_WELL.includes(code ?? 1)) throw new Error(`onramp ${args.join(' ')} ended with ${code}. ${output.slice(0, 2000)}`)
  return JSON.parse(output) as Report
}

/** On the database's clock, from the beginning of the attempt to the end of its last step, which is the commit. */
async function attemptOf({ connection, url }: BenchServer, report: Report): Promise<{ seconds: number; startedAt: string }> {
  const of = (table: string) => ident(new URL(url).pathname.slice(1), table)
  const found = (await row<{ seconds: string; startedAt: string }>(connection, sql`
    select timestampdiff(microsecond, attempt.startedAt, max(step.finishedAt)) / 1000000 as seconds, cast(attempt.startedAt as char) as startedAt
    from ${of('attempt')} attempt join ${of('load')} l on l.id = attempt.loadId join ${of('shop')} shop on shop.id = l.shopId
    join ${of('step')} step on step.attemptId = attempt.id
    where l.slug = ${report.loadId} and shop.slug = ${report.shop} and attempt.number = ${report.attempt} group by attempt.id`))!
  return { seconds: Number(found.seconds), startedAt: found.startedAt }
}

async function productionRowsSince({ connection, url }: BenchServer, startedAt: string): Promise<number> {
  let total = 0
  for (const e of entities) {
    const found = await row<{ n: number }>(connection, sql`select count(*) as n from ${ident(new URL(url).pathname.slice(1), e.name)} where updatedAt >= ${startedAt}`)
    total += Number(found!.n)
  }
  return total
}

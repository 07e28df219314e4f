import 'server-only'
import { mkdir, statfs } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { dataDir, databaseUrl } from '#lib/config.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { assigned, sessionVariables } from '#lib/ingest/sql/session-variables.ts'

export type HealthState = 'ok' | 'warning' | 'down'
/** `moment`: the value is one, in UTC. */
type Fact = { label: string; value: string; moment?: true }
export type Check = { name: 'database' | 'queue' | 'workers' | 'backup' | 'retention' | 'store'; title: string; state: HealthState; says: string; facts: Fact[] }
export type RunningJob = { jobId: string; loadId: string; load: string; shop: string; worker: string; runningForSeconds: number; leaseLeftSeconds: number }
export type Health = { state: HealthState; checkedAt: string; checks: Check[]; running: RunningJob[] }

// A database that needs longer is as good as down for the people in front of the screen.
const TIMEOUT_MS = 2_000
const SLOW_MS = 250
const WAITING_LONG_SECONDS = 60
const LOW_FREE_SHARE = 0.1
const FULL_FREE_SHARE = 0.02
const BACKUP_DAYS = 7
// Workers purge once an hour; one that was long at it, or two that were started anew, are no reason to worry.
const PURGE_HOURS = 3

/** The state of the installation, measured now and on a connection of its own. */
export async function readHealth(user: CurrentUser): Promise<Health> {
  authorize(user, 'health:read')
  const [database, store] = await Promise.all([readDatabase(), checkStore()])
  const checks = [...database.checks, store]
  const worst = checks.some(({ state }) => state === 'down') ? 'down' : checks.some(({ state }) => state === 'warning') ? 'warning' : 'ok'
  return { state: worst, checkedAt: new Date().toISOString(), checks, running: database.running }
}

async function readDatabase(): Promise<{ checks: Check[]; running: RunningJob[] }> {
  let connection: Connection | undefined
  try {
    const startedMs = performance.now()
    connection = await createConnection({ ...addressOf(databaseUrl()), connectTimeout: TIMEOUT_MS, timezone: 'Z', supportBigNumbers: true, bigNumberStrings: true, flags: ['-LOCAL_FILES'] })
    const connectedMs = performance.now() - startedMs
    await connection.query({ sql: `set session ${assigned(sessionVariables)}`, timeout: TIMEOUT_MS })
    const askedMs = performance.now()
    const [[server]] = await connection.query<RowDataPacket[]>({ sql: 'select version() as version', timeout: TIMEOUT_MS })
    const answeredMs = performance.now() - askedMs
    const { queue, running } = await readJobs(connection)
    return { checks: [checkDatabase({ connectedMs, answeredMs, version: String(server!.version) }), checkQueue(queue, running), checkWorkers(running), ...await checkKeeping(connection)], running }
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'no answer'
    return { checks: [{ name: 'database', title: 'Database', state: 'down', says: `The database does not answer within ${TIMEOUT_MS / 1000} seconds (${code}).`, facts: [] }], running: [] }
  } finally {
    connection?.destroy()
  }
}

type Queue = { waiting: number; oldestSeconds: number }

async function readJobs(connection: Connection): Promise<{ queue: Queue; running: RunningJob[] }> {
  const ask = (sql: string) => connection.query<RowDataPacket[]>({ sql, timeout: TIMEOUT_MS })
  // The database's clock decides about leases, so it also tells their age.
  const [[queued]] = await ask("select count(*) as waiting, coalesce(max(timestampdiff(second, createdAt, now())), 0) as oldest from job where status = 'queued'")
  const [jobs] = await ask(`
    select j.id, j.loadId, l.slug as loadSlug, s.name as shop, j.worker,
      timestampdiff(second, coalesce(a.startedAt, j.createdAt), now()) as runningFor, timestampdiff(second, now(), j.leasedUntil) as leaseLeft
    from job j join \`load\` l on l.id = j.loadId join shop s on s.id = j.shopId
    left join attempt a on a.loadId = l.id and a.number = l.currentAttempt and a.jobId = j.id
    where j.status = 'running' order by j.id limit 50`)
  const running = jobs.map((job) => ({
    jobId: String(job.id), loadId: String(job.loadId), load: String(job.loadSlug), shop: String(job.shop), worker: String(job.worker ?? 'unknown'),
    runningForSeconds: Number(job.runningFor), leaseLeftSeconds: Number(job.leaseLeft ?? 0),
  }))
  return { queue: { waiting: Number(queued!.waiting), oldestSeconds: Number(queued!.oldest) }, running }
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

function checkDatabase({ connectedMs, answeredMs, version }: { connectedMs: number; answeredMs: number; version: string }): Check {
  const slow = answeredMs > SLOW_MS
  return {
    name: 'database', title: 'Database', state: slow ? 'warning' : 'ok',
    says: slow ? `It answers slowly: a simple question took more than ${SLOW_MS} ms.` : 'It answers quickly.',
    facts: [{ label: 'Connecting', value: ms(connectedMs) }, { label: 'A question', value: ms(answeredMs) }, { label: 'Server', value: version }],
  }
}

function checkQueue({ waiting, oldestSeconds }: Queue, running: RunningJob[]): Check {
  const stuck = waiting > 0 && running.length === 0 && oldestSeconds > WAITING_LONG_SECONDS
  return {
    name: 'queue', title: 'Queue', state: stuck ? 'down' : waiting > 0 && oldestSeconds > 10 * WAITING_LONG_SECONDS ? 'warning' : 'ok',
    says: stuck ? 'Loads are waiting and no worker takes them. Start a worker: npm run onramp -- worker.'
      : waiting === 0 ? 'Nothing is waiting.' : 'Loads are waiting for a free worker, or for another load of their shop.',
    facts: [{ label: 'Waiting', value: String(waiting) }, { label: 'Oldest', value: waiting > 0 ? duration(oldestSeconds) : '—' }],
  }
}

function checkWorkers(running: RunningJob[]): Check {
  const silent = running.filter(({ leaseLeftSeconds }) => leaseLeftSeconds < 0).length
  return {
    name: 'workers', title: 'Workers', state: silent > 0 ? 'warning' : 'ok',
    says: silent > 0 ? `${silent} ${silent === 1 ? 'load has' : 'loads have'} lost the worker. Another one takes over within a minute; nothing is lost.`
      : running.length === 0 ? 'No load is running.' : 'Every running load has a worker that is heard from.',
    facts: [{ label: 'Running', value: String(running.length) }, { label: 'Workers at it', value: String(new Set(running.map(({ worker }) => worker)).size) }],
  }
}

type Backup = RowDataPacket & { at: Date; age: unknown; who: string; files: number | null; bytes: number | null }
type Purge = RowDataPacket & { at: Date; age: unknown; worker: string; loads: number; files: number; bytes: number }

/** When the last backup was made, and when what is past its time was last purged. */
async function checkKeeping(connection: Connection): Promise<Check[]> {
  const ask = async <T extends RowDataPacket>(sql: string) => (await connection.query<T[]>({ sql, timeout: TIMEOUT_MS }))[0][0]
  const backup = await ask<Backup>(`
    select e.at, timestampdiff(second, e.at, now(3)) as age, coalesce(u.name, e.actor) as who, json_value(e.detail, '$.files') as files, json_value(e.detail, '$.bytes') as bytes
    from audit_event e left join user u on u.id = e.userId where e.action = 'backup_made' order by e.id desc limit 1`)
  const purge = await ask<Purge>(`
    select finishedAt as at, timestampdiff(second, finishedAt, now(3)) as age, worker, loads, stagedFiles + rawFiles as files, bytes
    from retention_run where finishedAt is not null order by id desc limit 1`)
  return [checkBackup(backup), checkPurge(purge)]
}

const TO_BACK_UP = 'Make one: npm run onramp -- backup <folder>.'

function checkBackup(last: Backup | undefined): Check {
  const old = last && Number(last.age) > BACKUP_DAYS * 86_400
  return {
    name: 'backup', title: 'Backup', state: last && !old ? 'ok' : 'warning',
    says: !last ? `No backup was ever made. ${TO_BACK_UP}` : old ? `The last backup is more than ${BACKUP_DAYS} days old. ${TO_BACK_UP}` : `A backup was made within the last ${BACKUP_DAYS} days.`,
    facts: last ? [
      { label: 'Last', value: last.at.toISOString(), moment: true }, { label: 'By', value: last.who === 'cli' ? 'Command line' : last.who },
      { label: 'Files', value: count(last.files) }, { label: 'Size', value: size(Number(last.bytes)) },
    ] : [],
  }
}

function checkPurge(last: Purge | undefined): Check {
  const old = last && Number(last.age) > PURGE_HOURS * 3_600
  return {
    name: 'retention', title: 'Retention', state: last && !old ? 'ok' : 'warning',
    says: !last ? 'Nothing was ever purged. Workers do it once an hour: is one running?'
      : old ? `The last purge is more than ${PURGE_HOURS} hours old. Workers do it once an hour: is one running?` : 'What is past its time is purged once an hour.',
    facts: last ? [
      { label: 'Last', value: last.at.toISOString(), moment: true }, { label: 'By', value: last.worker },
      { label: 'Purged then', value: `${count(last.loads)} ${Number(last.loads) === 1 ? 'load' : 'loads'}, ${count(last.files)} files` }, { label: 'Size', value: size(Number(last.bytes)) },
    ] : [],
  }
}

const size = (bytes: number) => (bytes < 1e9 ? `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB` : gigabytes(bytes))
const count = (value: number | null) => Number(value ?? 0).toLocaleString('en-US')

async function checkStore(): Promise<Check> {
  const folder = dataDir()
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { bavail, blocks, bsize } = await statfs(folder)
    const share = bavail / blocks
    const state = share < FULL_FREE_SHARE ? 'down' : share < LOW_FREE_SHARE ? 'warning' : 'ok'
    const says = { ok: 'There is room for uploads.', warning: 'Room for uploads is running out. Free some, or add some.', down: 'The disk is full: uploads will fail.' }[state]
    return { name: 'store', title: 'Store', state, says, facts: [{ label: 'Free', value: gigabytes(bavail * bsize) }, { label: 'Of', value: gigabytes(blocks * bsize) }] }
  } catch (error) {
    return { name: 'store', title: 'Store', state: 'down', says: `The data folder cannot be used (${(error as { code?: string }).code}).`, facts: [] }
  }
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toLocaleString('en-US', { maximumFractionDigits: 1 })} GB`

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`
}

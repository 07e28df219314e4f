import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { isSpare } from '#lib/ingest/sql/spares.ts'
import { ident, row, rows, run, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { canonicalDump } from '#lib/jobs/canon.ts'
import { hitIn } from '#lib/ingest/failpoint.ts'
import { reconcileBooks } from '#lib/keeping/books.ts'
import { stagingSchema } from '#lib/config.ts'
import { fileOfStagingTable } from '#lib/keeping/orphans.ts'
import { EXPLAINED } from './failures.ts'
import type { Installation } from './installation.ts'
import { connectionsOf } from './memory.ts'
import type { Reference } from './reference.ts'
import type { FinishedShop } from './shops.ts'
import type { Tally } from './tally.ts'

const RESTS_WITHIN_MS = 120_000
// Two pools of ten in the portal; two for each of a worker's slots and what it keeps house with.
const MOST_CONNECTIONS = 60
/** So far ahead everything that is kept for a time is due. */
export const AHEAD_MS = 100 * 86_400_000

type Complaint = { what: string }

/** What must not be there when nothing is under way. Each gives a line of words for every row that is wrong. */
const nothing: Record<string, Sql> = {
  'loads under way': sql`select concat(slug, ' is ', status) as what from \`load\` where status in ('queued', 'running', 'draft')`,
  'jobs that wait or hold a lease': sql`select concat('job ', id, ' is ', status) as what from job where status in ('queued', 'running') or leasedUntil is not null or runningShopId is not null`,
  'attempts that run': sql`select concat('attempt ', id, ' of load ', loadId) as what from attempt where status = 'running' or finishedAt is null`,
  'open transactions': sql`select concat(trx_state, ' since ', trx_started) as what from information_schema.innodb_trx where trx_mysql_thread_id <> connection_id()`,
  'ledger lines that do not add up': sql`select concat('attempt ', attemptId, ' ', entity) as what from ledger_line join attempt on attempt.id = ledger_line.attemptId
    where attempt.status like 'completed%' and (ledger_line.manifest <> ledger_line.records or ledger_line.staged <> ledger_line.records
      or ledger_line.records <> accepted + rejected + superseded + identical or accepted <> inserted + updated + unchanged)`,
  'money lines that do not add up': sql`select concat('attempt ', attemptId, ' ', measure) as what from money_line join attempt on attempt.id = money_line.attemptId
    where attempt.status like 'completed%' and not money_line.accepted <=> money_line.production`,
  'loads whose status is not that of their attempt': sql`select concat(\`load\`.slug, ' ', \`load\`.status, ' ', attempt.status) as what from \`load\`
    join attempt on attempt.id = (select max(last.id) from attempt last where last.loadId = \`load\`.id and not last.dryRun) where attempt.status <> \`load\`.status`,
  'attempts that failed and nothing explains why': sql`select concat('attempt ', attempt.id, ' of ', slug, ': ', coalesce(failure, 'no reason')) as what from attempt
    join \`load\` on \`load\`.id = attempt.loadId where attempt.status = 'failed' and not find_in_set(coalesce(json_value(failure, '$.code'), 'no reason'), ${EXPLAINED.join(',')})`,
  'two completed loads for one request': sql`select concat(loadId, ' job ', jobId) as what from attempt where status not in ('failed', 'running') and jobId is not null group by loadId, jobId having count(*) > 1`,
}

/** Looks whether everything is as it would be had nothing gone wrong. Nothing may be under way. */
export class Checks {
  readonly #i: Installation
  readonly #reference: Reference
  readonly #tally: Tally
  #compared = 0
  #round = 0
  // What each shop was like when it was compared: nothing that comes after may change it.
  readonly #dumps = new Map<FinishedShop, string>()

  constructor(installation: Installation, reference: Reference, tally: Tally) {
    this.#i = installation
    this.#reference = reference
    this.#tally = tally
  }

  /** `whole`: also backup, restore, and a purge of everything. */
  async run(finished: readonly FinishedShop[], { whole }: { whole: boolean }): Promise<void> {
    this.#round++
    await this.#i.untilItAnswers()
    await this.#rest()
    for (const [what, query] of Object.entries(nothing)) await this.#none(what, query)
    for (const complaint of (await reconcileBooks(this.#i.db)).complaints) this.#tally.problem(`production and ledger: ${complaint}`)
    await this.#command(['audit', 'verify'], 'audit trails verified')
    await this.#command(['retention'], 'purges')
    await this.#noOrphans()
    await this.#compare(finished.slice(this.#compared))
    this.#compared = finished.length
    if (whole) await this.#keeping()
    await this.#unchanged()
    const connections = await connectionsOf(this.#i.db)
    if (connections > MOST_CONNECTIONS) this.#tally.problem(`${connections} connections while nothing is under way`)
    this.#tally.count('quiet moments')
  }

  async #rest(): Promise<void> {
    const deadline = Date.now() + RESTS_WITHIN_MS
    for (;;) {
      const open = Number((await row<{ n: number }>(this.#i.db, sql`select count(*) as n from job where status in ('queued', 'running')`))!.n)
      if (open === 0) return
      if (Date.now() > deadline) return this.#tally.problem(`${open} jobs have not ended for ${RESTS_WITHIN_MS / 1000} seconds`)
      await sleep(200)
    }
  }

  async #none(what: string, query: Sql): Promise<void> {
    let found = await rows<Complaint>(this.#i.db, query)
    // A pool that has just been told to roll back may need a moment.
    for (let tries = 0; what === 'open transactions' && found.length > 0 && tries < 40; tries++) {
      await sleep(1_000)
      found = await rows<Complaint>(this.#i.db, query)
    }
    for (const complaint of found.slice(0, 5)) this.#tally.problem(`${what}: ${complaint.what} (${found.length} in all)`)
  }

  async #command(args: readonly string[], counted: string, env: Record<string, string> = {}): Promise<string> {
    const { code, stdout, stderr } = await this.#i.onramp(args, { direct: true, env })
    if (code !== 0) this.#tally.problem(`onramp ${args[0]} ended with ${code}: ${stdout.trim().slice(-500)} ${stderr.trim().slice(-500)}`)
    this.#tally.count(counted)
    return stdout
  }

  /** Every staging table is spoken of. */
  async #noOrphans(): Promise<void> {
    const there = await rows<{ name: string }>(this.#i.db, sql`select table_name as name from information_schema.tables where table_schema = ${stagingSchema(this.#i.url)}`)
    const kept = new Set((await rows<{ tableName: string }>(this.#i.db, sql`select tableName from staged_file where purgedAt is null`)).map(({ tableName }) => tableName))
    for (const { name } of there) if (!isSpare(name) && !kept.has(fileOfStagingTable(name)?.table ?? '')) this.#tally.problem(`the staging table ${name} belongs to nothing`)
  }

  /** Each shop that has ended since the last time against an undisturbed run of the same. */
  async #compare(shops: readonly FinishedShop[]): Promise<void> {
    for (const shop of shops) {
      const name = `${shop.partner}/${shop.shop}`
      const id = await this.#idOf(shop)
      if (id === undefined) continue
      await this.#countAttempts(shop, name, id)
      const found = await this.#reference.differences(this.#i.url, shop).catch((error: unknown) => [`the undisturbed run failed: ${(error as Error).message}`])
      // A package that the portal refused is a load that waits for files for ever.
      const wrong = shop.refused ? found.filter((line) => !line.startsWith('load:')) : found
      for (const line of wrong) this.#tally.problem(`${name} is not as an undisturbed run of the same loads: ${line}`)
      this.#tally.count('shops compared with an undisturbed run')
      this.#dumps.set(shop, await canonicalDump(this.#i.url, id))
    }
  }

  async #countAttempts({ loads }: FinishedShop, name: string, id: number): Promise<void> {
    const found = await rows<{ slug: string; ended: number }>(this.#i.db, sql`
      select \`load\`.slug, count(attempt.id) as ended from \`load\` left join attempt on attempt.loadId = \`load\`.id and attempt.status <> 'failed' where shopId = ${id} group by \`load\`.slug`)
    for (const { slug, least, most } of loads) {
      const ended = found.find((load) => load.slug === slug)?.ended
      if (ended === undefined) this.#tally.problem(`${name}/${slug} was sent and is not in the ledger`)
      else if (ended < least) this.#tally.problem(`${name}/${slug}: ${least} runs were acknowledged, ${ended} are in the ledger`)
      else if (ended > most) this.#tally.problem(`${name}/${slug}: ${most} runs were asked for, ${ended} are in the ledger`)
      this.#tally.count('loads found in the ledger')
      this.#tally.count('attempts that ended', ended ?? 0)
    }
  }

  async #idOf({ partner, shop }: FinishedShop): Promise<number | undefined> {
    return (await row<{ id: number }>(this.#i.db, sql`select shop.id from shop join partner on partner.id = shop.partnerId where partner.slug = ${partner} and shop.slug = ${shop}`))?.id
  }

  async #unchanged(): Promise<void> {
    for (const [shop, dump] of this.#dumps) {
      const id = (await this.#idOf(shop))!
      if (await canonicalDump(this.#i.url, id) !== dump) this.#tally.problem(`${shop.partner}/${shop.shop} has changed since it was compared`)
    }
  }

  /** J1 and J3: a backup is restored beside it and is the same; then everything is purged as if it were old, and nothing else, by a purge that is killed on its way and begun again. */
  async #keeping(): Promise<void> {
    const before = await canonicalDump(this.#i.url)
    const [folder, dataDir] = [path.join(this.#i.folder, `backup-${this.#round}`), path.join(this.#i.folder, `restored-${this.#round}`)]
    await this.#command(['backup', folder], 'backups')
    const url = new URL('/onramp_restored', this.#i.url).href
    const env = { DATABASE_URL: url, ONRAMP_WORKER_DATABASE_URL: '', ONRAMP_DATA_DIR: dataDir }
    await this.#command(['restore', folder], 'restores', env)
    if (await canonicalDump(url) !== before) this.#tally.problem('what was restored is not what was backed up')
    // Thousands of tables go with one statement, which is not given up as the short ones of the pool are.
    const connection = await connect(this.#i.url)
    for (const schema of [addressOf(url).database, stagingSchema(url)]) await run(connection, sql`drop database if exists ${ident(schema)}`)
    await connection.end()
    for (const gone of [folder, dataDir]) rmSync(gone, { recursive: true, force: true })

    const everything = ['retention', '--now', new Date(Date.now() + AHEAD_MS).toISOString()]
    const place = this.#round % 2 === 0 ? 'R1:table' : 'R1:file'
    const { code, stderr } = await this.#i.onramp(everything, { direct: true, env: { ONRAMP_FAILPOINT: `${place}=kill` }, dies: true })
    if (code === null && hitIn(stderr)?.place === place) this.#tally.count('purges killed')
    // There may have been nothing left for it to take away.
    else if (code !== 0) this.#tally.problem(`a purge that was to be killed at ${place} ended with ${code}: ${stderr.trim().slice(-300)}`)
    await this.#command(everything, 'purges of everything')
    await this.#none('staged files that outlived a purge', sql`select tableName as what from staged_file where purgedAt is null`)
    await this.#none('raw files that outlived a purge', sql`select storeKey as what from load_file where storeKey is not null and purgedAt is null`)
    await this.#none('staging tables that outlived a purge', sql`select table_name as what from information_schema.tables where table_schema = ${stagingSchema(this.#i.url)} and table_name like 'l%'`)
    await this.#command(['audit', 'verify'], 'audit trails verified')
    if (await canonicalDump(this.#i.url) !== before) this.#tally.problem('a purge changed what loads have made')
  }
}

import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { afterAll } from 'vitest'
import { stagingSchema } from '#lib/config.ts'
import { entities, entityOf, type EntityName } from '#lib/contract/index.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { buildReport, type Report } from '#lib/ingest/report.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { ident, row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { DiskStore } from '#lib/store/disk.ts'
import { deliverFolder } from './deliver-folder.ts'
import { runHere } from './run-here.ts'
import type { JobRunner } from './run-job.ts'
import { writePackage, type PackageFiles, type PackageOptions } from './write-package.ts'

export { csvOf, sha256Of, writePackage, type Cells, type FileContent, type ManifestJson, type PackageFiles, type PackageOptions } from './write-package.ts'

export type Loaded = { report: Report; loadId: number; folder: string }
/** Dates are text: the driver's own dates do not go back to the year 1. */
export type ProductionRow = Record<string, string | number | null> & { id: number }

/** A shop of its own in the test database, into which packages are loaded as the command line loads them. */
export class TestShop {
  readonly partner: string
  readonly shop: string
  readonly #runner: JobRunner
  readonly #root: string
  readonly #timeZone: string
  readonly #errors: unknown[]
  #loads = 0

  constructor(runner: JobRunner, root: string, errors: unknown[], { partner = randomUUID() as string, shop = randomUUID() as string, timeZone = 'America/New_York' }) {
    this.partner = partner
    this.shop = shop
    this.#runner = runner
    this.#root = root
    this.#errors = errors
    this.#timeZone = timeZone
  }

  /** Writes a package into a folder of its own; gives the folder. */
  write(files: PackageFiles, options: PackageOptions = {}): string {
    const loadId = options.loadId ?? `L-${++this.#loads}`
    const folder = path.join(this.#root, randomUUID(), 'imports', this.partner, this.shop, loadId)
    writePackage(folder, files, options)
    return folder
  }

  /** Takes a folder in without running it. */
  async deliver(folder: string): Promise<number> {
    const delivered = await deliverFolder(this.#runner.db, this.#runner.store, folder, { partner: this.partner, shop: this.shop, loadId: path.basename(folder) }, this.#timeZone)
    if (delivered.kind === 'refused') throw new Error('the delivery was refused')
    return delivered.loadId
  }

  /** Delivers a folder and runs it to its end. What went wrong in the machine, and not in the package, fails the test. */
  async loadFolder(folder: string, { dryRun = false } = {}): Promise<Loaded> {
    const name = { partner: this.partner, shop: this.shop, loadId: path.basename(folder) }
    const delivered = await deliverFolder(this.#runner.db, this.#runner.store, folder, name, this.#timeZone)
    const attemptId = delivered.kind === 'refused' ? delivered.attemptId : await runHere(this.#runner, delivered.loadId, { userId: null, via: 'cli', dryRun })
    const report = await buildReport(this.#runner.db, attemptId, { allExceptions: true })
    if (this.#errors.length > 0) throw this.#errors.splice(0)[0]
    const { loadId } = (await row<{ loadId: number }>(this.#runner.db, sql`select loadId from attempt where id = ${attemptId}`))!
    return { report, loadId, folder }
  }

  /** Writes a package and loads it. */
  async load(files: PackageFiles, options: PackageOptions & { dryRun?: boolean } = {}): Promise<Loaded> {
    return this.loadFolder(this.write(files, options), options)
  }

  /** The rows that this shop has in production, oldest first. */
  async rows(entity: EntityName): Promise<ProductionRow[]> {
    const { text, values } = sql`select own.* from ${ident(entity)} own
      join shop on shop.id = own.shopId join partner on partner.id = shop.partnerId
      where partner.slug = ${this.partner} and shop.slug = ${this.shop} order by own.id`
    const [found] = await this.#runner.db.query<RowDataPacket[]>({ sql: text, values: values as unknown[], dateStrings: true })
    return found as unknown as ProductionRow[]
  }

  /** The same by key. */
  async byKey(entity: EntityName): Promise<Map<string, ProductionRow>> {
    const { key } = entityOf(entity)
    return new Map((await this.rows(entity)).map((found) => [String(found[key]), found]))
  }

  /** How many rows each production table has for this shop. */
  async counts(): Promise<Record<EntityName, number>> {
    return Object.fromEntries(await Promise.all(entities.map(async (e) => [e.name, (await this.rows(e.name)).length]))) as Record<EntityName, number>
  }
}

export type TestInstallation = {
  url: string; connection: Connection; runner: JobRunner
  /** What ONRAMP_DATA_DIR is to a process of its own that shall find the same files. */
  dataDir: string
  newShop(options?: { partner?: string; shop?: string; timeZone?: string }): TestShop
  stagingTables(loadId: number): Promise<string[]>
}

/**
 * The test database (`own`: see testDatabase) with everything that running loads needs, in this process; `root` is a data folder
 * that the test wants to know before. Closed after the file’s last test.
 */
export async function testInstallation(own?: string, root?: string): Promise<TestInstallation> {
  const { url, connection } = await testDatabase(own)
  return installationOn(url, connection, root)
}

/** The same on a database that the test has made itself. */
export function installationOn(url: string, connection: Connection, root = mkdtempSync(path.join(tmpdir(), 'onramp-loads-'))): TestInstallation {
  const errors: unknown[] = []
  const runner: JobRunner = {
    url, stagingSchema: stagingSchema(url), db: pool(url, 8), store: new DiskStore(path.join(root, 'store')), worker: `test:${process.pid}`, leaseSeconds: 20,
    onError: (error) => errors.push(error),
  }
  afterAll(async () => {
    // It may have lost its server by now.
    await runner.db.end().catch(() => undefined)
    rmSync(root, { recursive: true, force: true })
  })
  return {
    url, connection, runner, dataDir: root,
    newShop: (options = {}) => new TestShop(runner, root, errors, options),
    async stagingTables(loadId) {
      const found = await rows<Record<string, string>>(runner.db, sql`show tables from ${ident(runner.stagingSchema)} like ${`l${loadId}\\_%`}`)
      return found.flatMap((table) => Object.values(table)).sort()
    },
  }
}

/** What a report tells about an entity, as `[key, column, code]` by severity. */
export function told({ report }: Pick<Loaded, 'report'>, entity: EntityName, severity: 'error' | 'warning'): (string | null)[][] {
  return report.exceptions.filter((x) => x.entity === entity && x.severity === severity).map((x) => [x.key, x.column, x.code])
}

/** The problems of a refused package, as `[file, code]`. */
export const problemsOf = ({ report }: Pick<Loaded, 'report'>) => (report.failure?.problems ?? []).map((p) => [p.file, p.code])


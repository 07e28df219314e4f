import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { stagingSchema } from '#lib/config.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { canonicalDump, canonicalSection } from '#lib/jobs/canon.ts'
import { deliverFolder } from '#lib/jobs/deliver-folder.ts'
import { runHere } from '#lib/jobs/run-here.ts'
import type { JobRunner } from '#lib/jobs/run-job.ts'
import { DiskStore } from '#lib/store/disk.ts'

/** A shop that was sent loads, and the folders that they were made of by load id. */
export type SentShop = { partner: string; shop: string; folders: ReadonlyMap<string, string> }

const TIME_ZONE = 'America/New_York'
const SECTION = /^(\w+) \d+ /

/** A second database, in which loads are run again one by one with nothing to disturb them. */
export class Reference {
  readonly #url: string
  readonly #runner: JobRunner
  readonly #errors: unknown[] = []

  private constructor(url: string, folder: string) {
    this.#url = url
    this.#runner = {
      url, stagingSchema: stagingSchema(url), db: pool(url, 4), store: new DiskStore(path.join(folder, 'store')), worker: 'reference', leaseSeconds: 55,
      onError: (error) => void this.#errors.push(error),
    }
  }

  static async open(owner: string, folder: string): Promise<Reference> {
    const url = new URL('/onramp_reference', owner).href
    await prepareDatabase(url)
    mkdirSync(folder)
    return new Reference(url, folder)
  }

  /**
   * Runs what was run for a shop, in the same order, and gives every section of the canonical dump in which the two differ,
   * with the first rows that do. Attempts that failed are left out of both. Throws when one fails here.
   */
  async differences(url: string, { partner, shop, folders }: SentShop): Promise<string[]> {
    const connection = await connect(url)
    try {
      const { id } = (await row<{ id: number }>(connection, shopNamed(partner, shop)))!
      const ran = await rows<{ slug: string; dryRun: number }>(connection, sql`
        select \`load\`.slug, attempt.dryRun from attempt join \`load\` on \`load\`.id = attempt.loadId
        where \`load\`.shopId = ${id} and attempt.status <> 'failed' order by attempt.id`)
      for (const { slug, dryRun } of ran) await this.#run({ partner, shop, loadId: slug }, folders.get(slug)!, dryRun === 1)
      const again = await row<{ id: number }>(this.#runner.db, shopNamed(partner, shop))
      if (!again) return ran.length === 0 ? [] : ['the reference has no such shop']
      const [was, is] = [(await canonicalDump(connection, id, 'failed')).split('\n'), (await canonicalDump(this.#url, again.id, 'failed')).split('\n')]
      const different = was.filter((line, i) => line !== is[i]).map((line) => SECTION.exec(line)![1]!)
      return await Promise.all(different.map((name) => this.#described(connection, name, id, again.id)))
    } finally {
      await connection.end()
    }
  }

  async #run(name: { partner: string; shop: string; loadId: string }, folder: string, dryRun: boolean): Promise<void> {
    const delivered = await deliverFolder(this.#runner.db, this.#runner.store, folder, name, TIME_ZONE)
    if (delivered.kind === 'ready') await runHere(this.#runner, delivered.loadId, { userId: null, via: 'cli', dryRun })
    if (this.#errors.length > 0) throw this.#errors.splice(0)[0]
  }

  async #described(connection: Awaited<ReturnType<typeof connect>>, name: string, id: number, reference: number): Promise<string> {
    const other = await connect(this.#url)
    try {
      const [was, is] = [await canonicalSection(connection, name, id, 'failed'), await canonicalSection(other, name, reference, 'failed')]
      const only = (a: string[], b: string[]) => a.filter((text) => !b.includes(text)).slice(0, 2).map((text) => text.slice(0, 300))
      return `${name}: ${was.length} rows, undisturbed ${is.length}; only here ${only(was, is).join(' ')}; only undisturbed ${only(is, was).join(' ')}`
    } finally {
      await other.end()
    }
  }

  async close(): Promise<void> {
    await this.#runner.db.end()
  }
}

export const shopNamed = (partner: string, shop: string) => sql`
  select shop.id from shop join partner on partner.id = shop.partnerId where partner.slug = ${partner} and shop.slug = ${shop}`

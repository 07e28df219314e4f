import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'mysql2/promise'
import { entities, entityNames } from '#lib/contract/index.ts'
import { fuzzedDelivery } from '#lib/fuzz/packages.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { isCompleted, type LoadStatus } from '#lib/load-status.ts'
import { writeSample, type WrittenSample } from '#lib/sample/generator.ts'
import { random, type Random } from '#lib/sample/random.ts'
import type { Ended } from '../run-onramp.ts'
import type { Installation } from './installation.ts'
import { fileOf, packageOf, refusalIn, type Person, type Roughness } from './person.ts'
import { shopNamed, type SentShop } from './reference.ts'
import type { Rotation } from './rotation.ts'
import type { Tally } from './tally.ts'

/** A load that was sent, and how many attempts it must have and may have: what was acknowledged, and what was asked for. */
type SentLoad = { slug: string; folder: string; least: number; most: number; expected: WrittenSample['expected'] | null }
type Found = { id: number; status: LoadStatus; open: number; /** Why the last attempt failed. */ reason: string | null }
export type FinishedShop = SentShop & { loads: readonly SentLoad[]; refused: boolean }

export const SHOP_KINDS = ['sample', 'sample', 'sample', 'sample', 'sample', 'broken, by the portal', 'broken, by the portal', 'broken, by the command line'] as const
type ShopKind = (typeof SHOP_KINDS)[number]

export type ShopsOptions = {
  installation: Installation
  people: readonly Person[]
  engineers: readonly Person[]
  seed: number
  tally: Tally
  /** Ids of loads that may be under way, for those who watch them. */
  underWay: Set<string>
  finished: FinishedShop[]
  failures: { ran: number; failed: Record<string, number> }
  /** What kind of shop comes next. */
  next: Rotation<ShopKind>
  /** Which part of the soak this is: the shops of each are others. */
  spell: number
  /** Waits until a load may begin. */
  turn(): Promise<void>
}

const FUZZ_LOAD_ID = '2025-08-22_fuzz'
const RESTS_WITHIN_MS = 180_000
const TRIES = 8
const LONGEST_PAUSE_MS = 30_000
const ROUGH: Roughness = { drop: 0.25, twice: 0.15 }
const EXIT_CODES = new Set<number | null>([0, 2, 3])
// What the command line says when it could not even begin.
const DATABASE_AWAY = /database|ECONNRE|EPIPE|ETIMEDOUT|PROTOCOL_/i

/** Works with one made-up shop after the other until `stop` aborts; a shop that was begun is brought to its end. */
export async function workWithShops(options: ShopsOptions, who: number, stop: AbortSignal): Promise<void> {
  for (let n = 0; !stop.aborted; n++) {
    const name = `${who}-${options.finished.length}-${n}`
    const work = new ShopWork(options, name, who, random(options.seed, 'spell', options.spell, 'shop', who, n))
    await work.run(stop).catch((error: unknown) => options.tally.problem(`shop ${name}: ${(error as Error).message}`))
    options.finished.push(work.done())
  }
}

class ShopWork {
  readonly #o: ShopsOptions
  readonly #dice: Random
  readonly #partner: string
  readonly #root: string
  readonly #person: Person
  readonly #engineer: Person
  readonly #loads: SentLoad[] = []
  #shopId = 0
  #refused = false
  // What the last command had to say, while it was not killed.
  #last: Ended | undefined

  constructor(options: ShopsOptions, name: string, who: number, dice: Random) {
    this.#o = options
    this.#dice = dice
    this.#partner = `soak-${name}`
    this.#root = path.join(options.installation.folder, 'samples', name)
    this.#person = options.people[who % options.people.length]!
    this.#engineer = options.engineers[who % options.engineers.length]!
  }

  done(): FinishedShop {
    return { partner: this.#partner, shop: 's', loads: this.#loads, refused: this.#refused, folders: new Map(this.#loads.map(({ slug, folder }) => [slug, folder])) }
  }

  get #db(): Pool {
    return this.#o.installation.db
  }

  async run(stop: AbortSignal): Promise<void> {
    await this.#o.turn()
    this.#shopId = await persistently(() => makeShop(this.#db, this.#partner))
    const kind = this.#o.next.next()
    if (kind !== 'sample') return this.#sendFuzzed(kind)
    const options = { invoices: this.#dice.chance(0.1) ? 600 : this.#dice.int(5, 120), parts: this.#dice.int(3, 60), dirty: this.#dice.of([0, 0.03]), keys: this.#dice.of(['plain', 'uuid'] as const), seed: this.#dice.int(1, 1e6) }
    await this.#deliverSample({ ...options, changed: 0 }, 'first')
    for (let later = this.#dice.int(1, 4); later > 0 && !stop.aborted; later--) {
      const load = this.#dice.of(this.#loads)
      const what = this.#dice.of(['changed', 'rerun', 'same', 'twenty', 'dry', 'again', 'other'] as const)
      await this.#o.turn()
      if (what === 'changed') await this.#deliverSample({ ...options, changed: 0.1 }, `later-${later}`)
      else if (what === 'rerun') await this.#rerun(load, 1)
      else if (what === 'twenty') await this.#rerun(load, 20)
      else if (what === 'same') await this.#load(load)
      else if (what === 'dry') await this.#load(load, ['--dry-run'])
      else if (what === 'again') await this.#sendAgain(load)
      else await this.#sendOther(load)
    }
  }

  async #deliverSample(options: Omit<Parameters<typeof writeSample>[1], 'partner' | 'shop' | 'loadId'>, slug: string): Promise<void> {
    const { folder, expected } = await writeSample(path.join(this.#root, slug), { ...options, partner: this.#partner, shop: 's', loadId: slug })
    const load: SentLoad = { slug, folder, least: 1, most: 0, expected }
    this.#loads.push(load)
    if (this.#dice.chance(0.6)) await this.#send(load, this.#dice.chance(0.3) ? 20 : 1)
    else await this.#load(load)
  }

  async #sendFuzzed(kind: ShopKind): Promise<void> {
    const folder = path.join(this.#root, 'imports', this.#partner, 's', FUZZ_LOAD_ID)
    mkdirSync(folder, { recursive: true })
    for (const [name, bytes] of fuzzedDelivery(this.#dice).files) writeFileSync(path.join(folder, name), bytes)
    this.#o.tally.count('mutated packages')
    const load: SentLoad = { slug: FUZZ_LOAD_ID, folder, least: 1, most: 0, expected: null }
    if (kind === 'broken, by the command line') {
      this.#loads.push(load)
      return this.#load(load)
    }
    if (await this.#send(load, 1)) this.#loads.push(load)
    else this.#refused = true
  }

  /** Sends a load by the portal, opened by `atOnce` requests side by side. False when the portal refuses it. */
  async #send(load: SentLoad, atOnce: number): Promise<boolean> {
    const sending = { ...packageOf(load.folder), shopId: this.#shopId, loadId: load.slug }
    load.most++
    if (atOnce > 1) {
      const answers = await Promise.all(Array.from({ length: atOnce }, () => this.#person.open(sending)))
      const ids = new Set(answers.map(({ text }) => (JSON.parse(text) as { id?: string }).id ?? refusalIn(text)?.details?.id))
      if (ids.size !== 1) this.#o.tally.problem(`${this.#partner}: ${atOnce} requests that open a load got ${ids.size} loads: ${[...ids].join(', ')}`)
      this.#o.tally.count('loads opened twenty times at once')
    }
    const sent = await this.#person.send(sending, this.#dice, ROUGH)
    if ('refused' in sent) {
      this.#o.tally.count('packages refused by the portal')
      if (load.expected) this.#o.tally.problem(`${this.#partner}/${load.slug} was refused: ${sent.refused}`)
      return false
    }
    // Each delivery that arrives whole is run.
    load.most += sent.delivery - 1
    this.#o.underWay.add(sent.id)
    this.#o.tally.count('loads sent by the portal')
    await this.#untilRight(load)
    return true
  }

  /** The same bytes once more: the portal knows them. */
  async #sendAgain(load: SentLoad): Promise<void> {
    const sent = await this.#person.send({ ...packageOf(load.folder), shopId: this.#shopId, loadId: load.slug }, this.#dice)
    if (!('alreadyLoaded' in sent) || !sent.alreadyLoaded) this.#o.tally.problem(`${this.#partner}/${load.slug} is in production and was not known when it was sent again: ${JSON.stringify(sent)}`)
    this.#o.tally.count('loads sent again that were known')
  }

  /** B5: other bytes under the id of a load that is in production. */
  async #sendOther(load: SentLoad): Promise<void> {
    const { files, manifest } = packageOf(load.folder)
    const others = files.map((file) => (file.name === entities[0]!.file ? fileOf(file.name, Buffer.concat([file.bytes, Buffer.from('\n')])) : file))
    const { status, text } = await this.#person.open({ shopId: this.#shopId, loadId: load.slug, files: others, manifest })
    if (status !== 409 || refusalIn(text)?.code !== 'load_id_reused') this.#o.tally.problem(`${this.#partner}/${load.slug} is in production, and other bytes for it were answered with ${status} ${text.slice(0, 200)}`)
    this.#o.tally.count('other bytes under a known load id refused')
  }

  async #onramp(args: readonly string[], killAfterMs?: number): Promise<Ended> {
    const ended = await this.#o.installation.onramp(args, { killAfterMs })
    this.#last = ended
    return ended
  }

  /** Loads by the command line, which is killed now and then; what it left is brought to its end. */
  async #load(load: SentLoad, options: readonly string[] = []): Promise<void> {
    load.most++
    if (options.length > 0) this.#o.tally.count('loads tried out')
    const killAfterMs = this.#dice.chance(0.25) ? this.#dice.int(300, 4_000) : undefined
    const { code, stderr } = await this.#onramp(['load', load.folder, ...options], killAfterMs)
    this.#o.tally.count(code === null ? 'commands killed' : 'loads by the command line')
    // 1: the machine let it fail, or the database was away.
    if (code !== null && code !== 1 && !EXIT_CODES.has(code)) this.#o.tally.problem(`onramp load ended with ${code}: ${stderr.slice(-300)}`)
    await this.#untilRight(load)
  }

  async #rerun(load: SentLoad, atOnce: number): Promise<void> {
    const id = await this.#idOf(load)
    if (id === undefined) return
    this.#o.underWay.add(String(id))
    const answers = await Promise.all(Array.from({ length: atOnce }, () => this.#engineer.ask('POST', `/api/v1/loads/${id}/attempts`, { body: '{"attempt":"rerun"}' })))
    const taken = answers.filter(({ status }) => status === 202).length
    const strange = answers.find(({ status, text }) => status !== 202 && refusalIn(text)?.code !== 'load_running' && refusalIn(text)?.code !== 'conflict')
    if (strange) this.#o.tally.problem(`a rerun was answered with ${strange.status} ${strange.text.slice(0, 200)}`)
    // A request whose answer was lost is sent again, and may then be told that the load waits or runs already.
    load.least += taken
    load.most += atOnce === 1 ? 2 : taken + 2
    this.#o.tally.count(atOnce === 1 ? 'reruns' : 'reruns pressed twenty times at once')
    await this.#untilRight(load)
  }

  /** Waits until nothing of the load is under way, and runs it again while it is not what it must be, for a reason that a disturbance explains. */
  async #untilRight(load: SentLoad): Promise<void> {
    this.#o.failures.ran++
    for (let tries = 1; ; tries++) {
      const found = await this.#atRest(load)
      if (found && (isCompleted(found.status) || (load.expected === null && found.status === 'failed_validation'))) {
        if (load.expected) await this.#compareCounts(load, found.id)
        return
      }
      if (found?.status === 'failed_validation') throw new Error(`${load.slug} failed validation`)
      if (tries > TRIES) throw new Error(`${load.slug} is ${found?.status ?? 'not there'} after ${TRIES} tries: ${this.#last?.stderr.slice(-300)}`)
      this.#explain(load, found)
      load.most++
      // All of them within the same bad minute would tell nothing.
      await sleep(Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** tries))
      await this.#onramp(['load', load.folder])
    }
  }

  /** Notes why a load is not in production. One whose command was killed, or found no database, may not have begun. */
  #explain({ slug }: SentLoad, found: Found | undefined): void {
    const { failures, tally } = this.#o
    if (found?.status === 'failed') {
      const reason = found.reason ?? 'no reason'
      failures.failed[reason] = (failures.failed[reason] ?? 0) + 1
      return
    }
    const said = this.#last?.stderr.trim().slice(-300) ?? ''
    if (!this.#last || (this.#last.code !== null && !DATABASE_AWAY.test(said))) tally.problem(`${this.#partner}/${slug} is ${found?.status ?? 'not there'} and nothing explains why: ${said}`)
    tally.count('loads that had not begun, their command killed or the database away')
  }

  async #idOf(load: SentLoad): Promise<number | undefined> {
    return (await this.#found(load))?.id
  }

  #found(load: SentLoad): Promise<Found | undefined> {
    return persistently(async () => {
      const shop = await row<{ id: number }>(this.#db, shopNamed(this.#partner, 's'))
      return shop && row<Found>(this.#db, sql`
        select id, status, (select count(*) from job where job.loadId = \`load\`.id and job.status in ('queued', 'running')) as open,
          (select json_value(failure, '$.code') from attempt where attempt.loadId = \`load\`.id and not dryRun order by attempt.id desc limit 1) as reason
        from \`load\` where shopId = ${shop.id} and slug = ${load.slug}`)
    })
  }

  async #atRest(load: SentLoad): Promise<Found | undefined> {
    const deadline = Date.now() + RESTS_WITHIN_MS
    for (;;) {
      const found = await this.#found(load)
      if (!found || (found.open === 0 && found.status !== 'queued' && found.status !== 'running')) return found
      if (Date.now() > deadline) throw new Error(`${load.slug} is stuck: ${found.status} for ${RESTS_WITHIN_MS / 1000} seconds`)
      await sleep(200)
    }
  }

  /** Counts of the latest real attempt against what was written into the files. */
  async #compareCounts({ slug, expected }: SentLoad, id: number): Promise<void> {
    const lines = await persistently(() => rows<{ entity: string; records: number; rejected: number }>(this.#db, sql`
      select ledger_line.entity, ledger_line.records, ledger_line.rejected from ledger_line
      where attemptId = (select max(id) from attempt where loadId = ${id} and not dryRun and status like 'completed%')`))
    for (const name of entityNames) {
      const line = lines.find(({ entity }) => entity === name)
      if (line?.records !== expected![name].rows || line.rejected !== expected![name].rejected) {
        this.#o.tally.problem(`${this.#partner}/${slug}: ${name} has ${line?.records} records and ${line?.rejected} rejected, sent were ${expected![name].rows} with ${expected![name].rejected} to reject`)
      }
    }
    this.#o.tally.count('rows accounted for', lines.reduce((sum, { records }) => sum + records, 0))
  }
}

async function makeShop(db: Pool, partner: string): Promise<number> {
  await run(db, sql`insert into partner (slug, name) values (${partner}, ${partner}) on duplicate key update slug = slug`)
  const { id } = (await row<{ id: number }>(db, sql`select id from partner where slug = ${partner}`))!
  await run(db, sql`insert into shop (partnerId, slug, name, timeZone) values (${id}, 's', 'Soak', 'America/New_York') on duplicate key update slug = slug`)
  return (await row<{ id: number }>(db, shopNamed(partner, 's')))!.id
}

const PERSISTS_MS = 60_000

/** Does it again while the database is away: who checks must not be the one who is disturbed. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PERSISTS_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(300)
    }
  }
}

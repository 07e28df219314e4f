import type { Connection } from 'mysql2/promise'
import { entities, type Entity, type EntityName } from '#lib/contract/index.ts'
import { failpoint } from './failpoint.ts'
import type { Ready } from './ready.ts'
import type { LoadContext } from './run.ts'
import { readBeside } from './sql/beside.ts'
import { row, sql } from './sql/sql.ts'
import type { Package } from './steps/package.ts'
import { makeTables, stageFile, stagedBefore, type StageContext, type StagedFile } from './steps/stage.ts'

export type Staging = {
  /** Ends when tables are there for all files. */
  tables: Promise<unknown>
  /** In the order in which they are written. */
  files: Map<EntityName, Promise<StagedFile>>
  /** Connections that have staged all they had to. */
  idle: Connection[]
}

/**
 * The files of which the tables of an earlier attempt are used again. They are made ready by the connection that writes for the
 * load: where that was ended, nothing happens to tables that are another attempt's by then.
 */
export async function stagedEarlier(context: LoadContext, { tx, imported }: Ready, found: Package): Promise<Map<EntityName, StagedFile>> {
  const earlier = new Map<EntityName, StagedFile>()
  if (!(await row(tx, sql`select 1 from staged_file where loadId = ${context.load.id} limit 1`))) return earlier
  for (const e of entities) {
    const staged = await stagedBefore({ ...aboutStaging(context), imported, control: tx }, e, found.files.get(e.name)!.sha256)
    if (staged) earlier.set(e.name, staged)
  }
  return earlier
}

const aboutStaging = ({ stagingSchema, load, attempt, nowMs }: LoadContext) =>
  ({ schema: stagingSchema, loadId: load.id, attempt: attempt.number, timeZone: load.timeZone, nowMs })

/**
 * Stages the files that were not staged `earlier`, those of a lane one after the other; the writing of the first need not wait
 * for the last.
 */
export function stageInLanes(context: LoadContext, { lanes: connections, server, imported }: Ready, found: Package, earlier: ReadonlyMap<EntityName, StagedFile>): Staging {
  const fileOf = (e: Entity) => found.files.get(e.name)!
  const largest = entities.reduce((most, e) => (fileOf(e).bytes > fileOf(most).bytes ? e : most))
  const lanes = connections.map((connection) => ({ connection, last: Promise.resolve() as Promise<unknown> }))
  const staged: Staging = { tables: Promise.resolve(), files: new Map(), idle: [] }
  let done = 0
  for (const e of entities) {
    const lane = e === largest ? lanes.at(-1)! : lanes[0]!
    const stage: StageContext = { ...aboutStaging(context), imported, connection: lane.connection, control: context.control, server }
    const file = fileOf(e)
    // Making tables takes the server longer than filling small ones, so it is done ahead of that.
    const tables = staged.tables.then(async () => earlier.get(e.name) ?? makeTables(stage, file))
    staged.tables = tables
    const one = lane.last.then(async () => {
      const now = await context.progress.step('stage', e.name,
        async () => {
          const found = await tables
          return 'facts' in found ? found : stageFile(stage, context.source, file, found, (records) => {
            context.progress.rows('stage', e.name, records)
            failpoint('W6', e.name)
          })
        },
        (s) => ({ rows: s.records, counts: { reused: s.reused ? 1 : 0 } }))
      await context.progress.step('validate', e.name, async () => now.facts, (facts) => ({ rows: now.records, counts: { valid: facts.valid, rejected: facts.rejected } }))
      failpoint('W10', e.name)
      if (++done === entities.length) failpoint('W8')
      return now
    })
    // Whoever awaits it hears of a failure; until then it must not count as unhandled.
    one.catch(() => undefined)
    staged.files.set(e.name, one)
    lane.last = one
  }
  staged.tables.catch(() => undefined)
  for (const { connection, last } of lanes) last.then(() => readBeside(connection)).then(() => staged.idle.push(connection), () => undefined)
  return staged
}

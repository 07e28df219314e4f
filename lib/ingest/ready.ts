import type { Connection } from 'mysql2/promise'
import type { EntityName } from '#lib/contract/index.ts'
import { becomeWriter } from './become-writer.ts'
import type { LoadContext } from './run.ts'
import { readBeside } from './sql/beside.ts'
import { importedEntities } from './sql/imports.ts'
import { serverOf, type Server } from './sql/server.ts'

/** What a try of an attempt needs of the database before it reads a row. */
export type Ready = {
  /** The load's writer. */
  tx: Connection
  /** Those that stage. */
  lanes: readonly Connection[]
  /** See `WriteContext`. */
  beside: Connection
  server: Server
  imported: ReadonlySet<EntityName>
  firstOfShop: boolean
  /** Whether this is a dry run that writes into tables of its own. */
  elsewhere: boolean
}

// A shop's first load is bound by writing, which has to follow load order, so that one connection stages. Later ones write
// little and wait for the largest file: that is staged beside the others.
const MOST_LANES = 2

/** Makes connections ready that `open` gives. Throws as `becomeWriter` and `serverOf` do. */
export async function makeReady(context: LoadContext, open: (count: number) => Promise<readonly Connection[]>): Promise<Ready> {
  const [tx, first, second] = await open(1 + MOST_LANES) as [Connection, Connection, Connection]
  // Since the attempt has begun nobody else can bring rows of the shop in, so there is no need to be the writer first.
  const [, imported, server] = await Promise.all([becomeWriter(context, tx), importedEntities(context.control, context.load.shopId), serverOf(second), stageHere(first)])
  const firstOfShop = imported.size === 0
  const ready = { tx, server, imported, firstOfShop, elsewhere: false }
  if (!firstOfShop) {
    await stageHere(second)
    return { ...ready, lanes: [first, second], beside: tx }
  }
  // Taking back a shop's whole history takes the server half as long as writing it. Where a dry run needs nothing of what
  // is there, it does not write it there.
  if (context.dryRun) return { ...ready, lanes: [first], beside: tx, elsewhere: true }
  await seeUncommitted(second)
  return { ...ready, lanes: [first], beside: second }
}

/** Staging tables have no keys but a number of our own, so MariaDB may fill an empty one without undo for each row. */
async function stageHere(lane: Connection): Promise<void> {
  await lane.query('set session unique_checks = 0, foreign_key_checks = 0')
}

/** Lets a connection see what the writing one has written, before it is committed. What it writes itself is for this attempt only. */
async function seeUncommitted(beside: Connection): Promise<void> {
  await readBeside(beside)
  await beside.query('set session transaction isolation level read uncommitted')
}

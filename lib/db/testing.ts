import type { Connection } from 'mysql2/promise'
import { afterAll, inject } from 'vitest'
import { connect } from '#lib/ingest/sql/connect.ts'
import { prepareDatabase } from './ensure.ts'

function urlOf(name: string): string {
  const { url, prefix } = inject('testServer')
  return new URL(`/${prefix}_${name}`, url).href
}

/**
 * The migrated database of this test worker, and a connection that is closed after the file's last test. `databaseUrl()`
 * gives it too. Files that run one after the other share it: make a shop and a load of your own in each test. A file whose
 * tests look at everything there is (the queue) names a database of its `own`.
 */
export async function testDatabase(own?: string): Promise<{ url: string; connection: Connection }> {
  const url = own === undefined ? urlOf(process.env.VITEST_POOL_ID!) : unmadeDatabase(own)
  // The same for the processes that a test starts, whatever their data folder.
  process.env.ONRAMP_AUDIT_KEY ??= 'the audit key of every database of the tests'
  await prepareDatabase(url)
  process.env.DATABASE_URL = url
  const connection = await connect(url, { localInfile: true })
  afterAll(() => connection.end())
  return { url, connection }
}

/** The address of a database that does not exist yet, for tests of migrations. Dropped when the run is over. */
export function unmadeDatabase(name: string): string {
  return urlOf(`${process.env.VITEST_POOL_ID}_${name}`)
}

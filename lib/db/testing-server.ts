import { existsSync } from 'node:fs'
import path from 'node:path'
import type { RowDataPacket } from 'mysql2/promise'
import type { TestProject } from 'vitest/node'
import { connect } from '#lib/ingest/sql/connect.ts'
import { startEmbedded } from './embedded.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, and what the names of its databases begin with. */
    testServer: { url: string; prefix: string }
  }
}

const PREFIX = 'onramp_test_'

/** Databases of runs that are over: of this one, and of those that were killed. */
async function dropDatabases(url: string): Promise<void> {
  const connection = await connect(url)
  const [rows] = await connection.query<RowDataPacket[]>('select schema_name as name from information_schema.schemata')
  for (const { name } of rows) {
    if (!name.startsWith(PREFIX)) continue
    const pid = Number(name.slice(PREFIX.length).split('_')[0])
    if (pid === process.pid || !existsSync(`/proc/${pid}`)) await connection.query(`drop database \`${name}\``)
  }
  await connection.end()
}

/** Vitest's global setup of the database tests: one server for all, TEST_DATABASE_URL or a private one in .data-test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL
  const server = given ? undefined : await startEmbedded({ dir: path.resolve('.data-test/mysql'), durable: false })
  const url = new URL(given ?? server!.url)
  url.pathname = '/'
  await dropDatabases(url.href)
  project.provide('testServer', { url: url.href, prefix: `${PREFIX}${process.pid}` })
  return async () => {
    await dropDatabases(url.href)
    await server?.stop()
  }
}

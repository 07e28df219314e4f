import type { RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { connect } from '#lib/ingest/sql/connect.ts'
import { migrate } from './migrate.ts'
import { unmadeDatabase } from './testing.ts'

test('migrating makes the database, applies every migration once, and then finds nothing to do', async () => {
  const url = unmadeDatabase('twice')
  const first = await migrate(url)
  expect(first.length).toBeGreaterThan(1)
  expect(await migrate(url)).toEqual([])
})

test('two processes that migrate at once apply every migration once', async () => {
  const url = unmadeDatabase('at_once')
  const [one, two] = await Promise.all([migrate(url), migrate(url)])
  const connection = await connect(url)
  const [rows] = await connection.query<RowDataPacket[]>('select migration_name as name from _prisma_migrations order by name')
  await connection.end()
  expect([...one!, ...two!].sort()).toEqual(rows.map((row) => row.name))
})

test('a migration that was edited after it was applied is refused', async () => {
  const url = unmadeDatabase('edited')
  await migrate(url)
  const connection = await connect(url)
  await connection.query("update _prisma_migrations set checksum = 'other' limit 1")
  await connection.end()
  await expect(migrate(url)).rejects.toThrow(/was changed after it was applied/)
})

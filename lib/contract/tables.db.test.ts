import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { linkColumn } from '#lib/ingest/sql/staging.ts'
import { ident, join, raw, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { ddlOf } from './column-types.ts'
import { entities, type Entity } from './index.ts'

const { connection, url } = await testDatabase()
const schema = new URL(url).pathname.slice(1)

type TableColumn = { name: string; type: string; nullable: string; collation: string | null }
const columnsOf = async (table: string) => new Map((await rows<TableColumn>(connection, sql`select column_name as name, column_type as type, is_nullable as nullable, collation_name as collation
  from information_schema.columns where table_schema = ${schema} and table_name = ${table} order by ordinal_position`)).map((c) => [c.name, c]))

const links = (e: Entity) => e.parents.map((p) => linkColumn(p.entity, e.name))
/** What production needs beside the contract's columns. */
const own = (e: Entity) => ['id', 'shopId', 'importedLoadId', 'createdAt', 'updatedAt', ...links(e)]

describe.each(entities.map((e) => [e.name, e] as const))('the production table of %s', (name, e) => {
  test('has the contract’s columns with their types, and what it needs itself, and nothing more', async () => {
    const expected = Object.entries(e.columns).map(([column, definition]) => sql`${ident(column)} ${raw(ddlOf(definition))}`)
    await run(connection, sql`drop table if exists contract_columns`)
    await run(connection, sql`create table contract_columns (${join(expected)})`)
    const [wanted, found] = [await columnsOf('contract_columns'), await columnsOf(name)]
    await run(connection, sql`drop table contract_columns`)
    expect([...found.keys()].sort()).toEqual([...wanted.keys(), ...own(e)].sort())
    for (const [column, { type }] of wanted) expect(found.get(column), column).toMatchObject({ type, nullable: 'YES' })
    for (const column of own(e)) expect(found.get(column)!.type, column).toMatch(column.endsWith('At') ? /^datetime\(3\)$/ : /^bigint/)
  })

  test('holds every enum value, and compares keys and references by their letters', async () => {
    const found = await columnsOf(name)
    for (const [column, definition] of Object.entries(e.columns)) {
      if (definition.type === 'enum') for (const value of definition.values) expect(value.length).toBeLessThanOrEqual(Number(/\d+/.exec(found.get(column)!.type)![0]))
    }
    for (const column of [e.key, ...e.parents.map((p) => p.column)]) expect(found.get(column)!.collation, column).toBe('utf8mb4_bin')
  })

  test('has a crosswalk whose keys are bytes, large enough for any key of the contract', async () => {
    const { maxLength } = e.columns[e.key] as { maxLength: number }
    const columns = await columnsOf(`crosswalk_${name}`)
    expect(columns.get('sourceKey')).toMatchObject({ type: `varbinary(${maxLength * 4})`, nullable: 'NO' })
    expect(columns.get('keyLength')).toMatchObject({ type: expect.stringMatching(/^tinyint(\(3\))? unsigned$/) as string, nullable: 'NO' })
    expect(maxLength * 4).toBeLessThan(2 ** 8)
  })
})

// Prisma's models as they are written: name of the table, and name and native type of each column.
type Field = { name: string; type: string; nullable: boolean }
const PRISMA_TYPES: Record<string, string> = { BigInt: 'bigint', Int: 'int', Boolean: 'tinyint(1)', Float: 'double', Json: 'json', String: 'varchar(191)' }

function prismaModels(): Map<string, Map<string, Field>> {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../prisma/schema.prisma'), 'utf8')
  const models = new Map<string, Map<string, Field>>()
  const names = new Set([...text.matchAll(/^model (\w+)/gm)].map((m) => m[1]!))
  for (const [, , body] of text.matchAll(/^model (\w+) \{(.*?)^\}/gms)) {
    const fields = new Map<string, Field>()
    for (const [, name, type, mark, rest] of body!.matchAll(/^ {2}(\w+)\s+(\w+)(\?|\[\])?(.*)$/gm)) {
      if (names.has(type!)) continue
      const native = /@db\.(\w+)(\([\d, ]+\))?/.exec(rest!)
      fields.set(name!, { name: name!, type: native ? `${native[1]!.replace(/^Unsigned(.*)/, '$1 unsigned').toLowerCase()}${(native[2] ?? '').replaceAll(' ', '')}` : (PRISMA_TYPES[type!] ?? type!), nullable: mark === '?' })
    }
    models.set(/@@map\("(\w+)"\)/.exec(body!)![1]!, fields)
  }
  return models
}

/** The same word for what both servers store alike: display widths, and JSON, which MariaDB keeps as text. */
const plain = (type: string) => type.replace(/^(bigint|int)\(\d+\)|^(tinyint)\(\d+\)(?= unsigned)/, '$1$2').replace(/^longtext$/, 'json')

test('Prisma’s models are the tables of the database, column by column', async () => {
  const models = prismaModels()
  const tables = await rows<{ name: string }>(connection, sql`select table_name as name from information_schema.tables where table_schema = ${schema} and table_type = 'BASE TABLE' and table_name not like ${'\\_%'}`)
  expect([...models.keys()].filter((name) => !tables.some((t) => t.name === name))).toEqual([])
  expect(entities.filter((e) => !models.has(e.name))).toEqual([])
  for (const [table, fields] of models) {
    const found = await columnsOf(table)
    expect([...fields.keys()].sort(), table).toEqual([...found.keys()].sort())
    for (const { name, type, nullable } of fields.values()) {
      expect(plain(found.get(name)!.type), `${table}.${name}`).toBe(type)
      expect(found.get(name)!.nullable === 'YES', `${table}.${name}`).toBe(nullable)
    }
  }
})

import { randomBytes } from 'node:crypto'
import type { Connection } from 'mysql2/promise'
import { entityNames } from '#lib/contract/index.ts'
import { rows, sql } from '#lib/ingest/sql/sql.ts'

/** Who the processes are to the database. Its owner makes tables and users; none of these two can change the audit trail. */
export type DatabaseRole = 'portal' | 'worker'
export type DatabaseUser = { name: string; host: string; password: string }
export type Schemas = { main: string; staging: string }

const READ = 'select'
const WRITE = 'select, insert, update, delete'
const NOTHING = null

const production = entityNames.flatMap((name) => [name, `crosswalk_${name}`])
const ofLoads = ['attempt', 'step', 'ledger_line', 'money_line', 'load_exception', 'row_change', 'staged_file', 'id_sequence', 'retention_run']
const ofAccounts = ['session', 'invitation', 'login_limit']
const AUDIT: Record<string, string> = { audit_event: 'select, insert', audit_chain: 'select, update', _prisma_migrations: READ }

/** What a role may do with a table. What only one of the two writes, the other reads at most. */
function rightsOn(table: string, role: DatabaseRole): string | null {
  if (AUDIT[table]) return AUDIT[table]
  if (role === 'portal') return production.includes(table) || ofLoads.includes(table) ? READ : WRITE
  if (ofAccounts.includes(table)) return NOTHING
  return table === 'user' ? READ : WRITE
}

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``
const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
const account = ({ name, host }: DatabaseUser) => `${text(name)}@${text(host)}`

/** The statements that make a role's user where it is missing, and give it exactly its rights. */
export function userStatements(role: DatabaseRole, user: DatabaseUser, schemas: Schemas, tables: readonly string[]): string[] {
  const to = account(user)
  const onTables = tables.flatMap((table) => {
    const rights = rightsOn(table, role)
    return rights === null ? [] : [`grant ${rights} on ${quoted(schemas.main)}.${quoted(table)} to ${to}`]
  })
  const staging = role === 'worker' ? 'select, insert, update, delete, create, drop, alter, index' : READ
  return [
    `create user if not exists ${to} identified by ${text(user.password)}`,
    `alter user ${to} identified by ${text(user.password)}`,
    `revoke all privileges, grant option from ${to}`,
    ...onTables,
    `grant ${staging} on ${quoted(schemas.staging)}.* to ${to}`,
    ...(role === 'worker' ? [`grant create temporary tables on ${quoted(schemas.main)}.* to ${to}`] : []),
  ]
}

/** The tables that rights are given on: one by one, since rights on all of them could not leave any out. */
export async function tablesOf(connection: Connection, schema: string): Promise<string[]> {
  const found = await rows<{ name: string }>(connection, sql`select table_name as name from information_schema.tables where table_schema = ${schema} and table_type = 'BASE TABLE' order by table_name`)
  return found.map(({ name }) => name)
}

export const newPassword = (): string => randomBytes(24).toString('base64url')

/** The same server and database, as another user. */
export function urlAs(url: string, { name, password }: Pick<DatabaseUser, 'name' | 'password'>): string {
  const other = new URL(url)
  other.username = name
  other.password = password
  return other.href
}

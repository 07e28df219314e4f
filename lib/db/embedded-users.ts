import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stagingSchema } from '#lib/config.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { keptSecret } from '#lib/secret-file.ts'
import { embeddedDir } from './embedded.ts'
import { onlyOne } from './only-one.ts'
import { newPassword, tablesOf, urlAs, userStatements, type DatabaseRole, type DatabaseUser } from './users.ts'

const WAIT_MS = 60_000

/**
 * The addresses of the private server for portal and worker. Makes their users, with their rights on the tables there are
 * now, unless that was done for the same tables before. The database must be migrated.
 */
export async function embeddedUsers(url: string, dir: string = embeddedDir()): Promise<{ portalUrl: string; workerUrl: string }> {
  const user = (role: DatabaseRole): DatabaseUser => ({ name: `onramp_${role}`, host: '127.0.0.1', password: keptSecret(path.join(dir, `${role}-password`), newPassword) })
  return onlyOne(`onramp-rights-${createHash('sha256').update(dir).digest('hex').slice(0, 32)}`, WAIT_MS, async () => {
    const [portal, worker] = [user('portal'), user('worker')]
    await giveRights(url, path.join(dir, 'rights'), { portal, worker })
    return { portalUrl: urlAs(url, portal), workerUrl: urlAs(url, worker) }
  })
}

/** `file` keeps what was given last. */
async function giveRights(url: string, file: string, users: Record<DatabaseRole, DatabaseUser>): Promise<void> {
  const schemas = { main: addressOf(url).database, staging: stagingSchema(url) }
  const connection = await connect(url)
  try {
    const tables = await tablesOf(connection, schemas.main)
    const statements = (['portal', 'worker'] as const).flatMap((role) => userStatements(role, users[role], schemas, tables))
    const wanted = createHash('sha256').update(statements.join('\n')).digest('hex')
    if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return
    for (const statement of statements) await connection.query(statement)
    writeFileSync(file, wanted, { mode: 0o600 })
  } finally {
    await connection.end()
  }
}

import type { Connection } from 'mysql2/promise'
import { row, sql } from './sql.ts'

/** Everything in which the two servers differ. */
export type Server = {
  name: 'mariadb' | 'mysql'
  version: string
  /** A collation of utf8mb4 that compares byte for byte and does not pad blanks (contract rule 17). */
  exactCollation: string
}

/** Asks the server what it is. Throws a readable sentence when it is too old or refuses LOAD DATA LOCAL. */
export async function serverOf(connection: Connection): Promise<Server> {
  const found = await row<{ version: string; localInfile: number }>(connection, sql`select version() as version, @@global.local_infile as localInfile`)
  const { version, localInfile } = found!
  if (!localInfile) throw new Error('The database refuses LOAD DATA LOCAL. Switch on local_infile on the server (SET PERSIST local_infile = 1).')
  const isMariaDb = version.includes('MariaDB')
  const [major, minor] = version.split('.').map(Number) as [number, number]
  const least = isMariaDb ? [10, 6] as const : [8, 4] as const
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    throw new Error(`The database is ${version}; Onramp needs MySQL 8.4 or MariaDB 10.6, or newer.`)
  }
  return isMariaDb
    ? { name: 'mariadb', version, exactCollation: 'utf8mb4_nopad_bin' }
    : { name: 'mysql', version, exactCollation: 'utf8mb4_0900_bin' }
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '#lib/errors.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'

/** The longest statement that a dump may hold: a row of the largest record, with every character escaped. */
export const MAX_PACKET_BYTES = 64 * 1024 * 1024

/** The first of these programs that is installed. */
function program(names: readonly string[]): string {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin'].filter(Boolean)
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file))
  if (found) return found
  throw new UserError('unavailable', `${names.join(' or ')} is not installed. Run \`sudo apt-get install -y mariadb-client\`, or install the client programs of your server.`)
}

/** Arguments and environment that lead a client program to the database at `url`; the password is on no command line. */
function login(url: string): { args: string[]; env: NodeJS.ProcessEnv } {
  const { host, port, user, password } = addressOf(url)
  return {
    args: ['--no-defaults', '--protocol=TCP', `--host=${host}`, `--port=${port}`, `--user=${user}`, '--default-character-set=utf8mb4'],
    env: { ...process.env, MYSQL_PWD: password },
  }
}

/** What a program said last, for people. Statements and rows are in none of its messages but those of a failed import, which are cut to their number. */
async function ended(child: ChildProcess, name: string, said: () => string): Promise<void> {
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code === 0) return
  const error = [...said().matchAll(/^(?:[\w.-]+: )?(?:Got )?error[^\n]{0,20}?\d{4}[^\n:]{0,60}/gim)].at(-1)?.[0] ?? `exit code ${code}`
  throw new UserError('unavailable', `${name} failed (${error.trim()}).`)
}

export type Dump = {
  stream: Readable
  /** Settles when what it will write is fixed: changes from then on are not in it. */
  fixed: Promise<void>
  /** Settles when it has written everything; throws when it has not. */
  ended: Promise<void>
}

/** A dump of a schema, or of some of its tables, as it is at one moment. */
export function dump(url: string, schema: string, { tables = [], without = [] }: { tables?: readonly string[]; without?: readonly string[] } = {}): Dump {
  const { args, env } = login(url)
  const name = program(['mariadb-dump', 'mysqldump'])
  const isMariaDb = spawnSync(name, ['--version'], { encoding: 'utf8' }).stdout.includes('MariaDB')
  const child = spawn(name, [
    ...args, ...(isMariaDb ? [] : ['--set-gtid-purged=OFF', '--column-statistics=0']), '--single-transaction', '--quick', '--hex-blob', '--skip-comments', '--no-tablespaces', '--verbose',
    `--max-allowed-packet=${MAX_PACKET_BYTES}`, ...without.map((table) => `--ignore-table=${schema}.${table}`), schema, ...tables,
  ], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const end = ended(child, path.basename(name), () => said)
  const fixed = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
      // Both are said after the transaction has begun.
      if (/Setting savepoint|Retrieving table structure/.test(said)) resolve()
    })
    end.then(resolve, reject)
  })
  fixed.catch(() => undefined)
  return { stream: child.stdout, fixed, ended: end }
}

/** Runs a dump in the schema of `url`: statements alone. Commands of the client program, which run others and read files, are not heard. */
export async function importDump(url: string, schema: string, source: Readable): Promise<void> {
  const { args, env } = login(url)
  const name = program(['mariadb', 'mysql'])
  const child = spawn(name, [...args, '--binary-mode', '--local-infile=0', `--max-allowed-packet=${MAX_PACKET_BYTES}`, schema], { env, stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000) })
  const end = ended(child, path.basename(name), () => said)
  const broken = await pipeline(source, child.stdin).then(() => undefined, (error: unknown) => error)
  // A client that ends early closes its input; why it did is what counts.
  await end
  if (broken) throw broken
}

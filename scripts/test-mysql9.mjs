// Runs the database tests on MySQL 9.7: on the server in TEST_DATABASE_URL, else on one that ../shared/mysql9 starts for them.
// `npm run test:mysql9 -- lib/data` runs only the files named so, as with Vitest.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { createConnection } from 'mysql2/promise'

const STARTER = path.resolve('../shared/mysql9/start-mysql9.sh')
// Stays where it was installed; git, lint and Vitest leave folders called so alone.
const FOLDER = path.resolve('.data-mysql9')
const NO_SERVER = 'There is no MySQL 9.7 to test on. Set TEST_DATABASE_URL=mysql://user:password@host:port to one whose account has all rights, or run this as root with shared/mysql9 beside this folder.'

function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** The port of a server that an earlier run left, or that another one uses. */
function runningPort() {
  try {
    const pid = readFileSync(path.join(FOLDER, 'mysqld.pid'), 'utf8').trim()
    const port = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').find((argument) => argument.startsWith('--port='))
    return port === undefined ? undefined : Number(port.slice('--port='.length))
  } catch {
    return undefined
  }
}

function starter(action, port) {
  const env = { ...process.env, MYSQL9_PORT: String(port), MYSQL9_BUFFER: process.env.MYSQL9_BUFFER ?? '512M' }
  return spawnSync('bash', [STARTER, action, FOLDER], { stdio: ['ignore', 2, 2], env }).status === 0
}

/** The server to test on, and what ends it where it was started here. */
async function server() {
  if (process.env.TEST_DATABASE_URL) return { url: process.env.TEST_DATABASE_URL, end: () => {} }
  if (process.getuid?.() !== 0 || !existsSync(STARTER)) stop(NO_SERVER)
  const running = runningPort()
  const port = running ?? await freePort()
  if (running === undefined && !starter('start', port)) stop(`${STARTER} did not start MySQL; the reason is above.`)
  return { url: `mysql://onramp:onramp@127.0.0.1:${port}/`, end: () => running === undefined && starter('stop', port) }
}

async function versionOf(url) {
  const connection = await createConnection(url)
  try {
    const [[{ version }]] = await connection.query('select version() as version')
    return version
  } finally {
    await connection.end()
  }
}

const { url, end } = await server()
let code = 1
try {
  const version = await versionOf(url)
  if (version.includes('MariaDB')) throw new Error(`TEST_DATABASE_URL names a MariaDB (${version}). \`npm run test:db\` is for that.`)
  console.log(`The database tests on MySQL ${version}`)
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'db', ...process.argv.slice(2)], {
    stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TEST_DATABASE_URL: url },
  })
  // Ctrl-C reaches Vitest as well; the server is stopped after it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))
  code = await new Promise((resolve) => vitest.on('close', (exit) => resolve(exit ?? 1)))
} catch (error) {
  console.error(error.message)
} finally {
  end()
}
process.exit(code)

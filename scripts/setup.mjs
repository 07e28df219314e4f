// Brings a fresh machine to where Onramp can run: npm packages, the Prisma client, a MariaDB server. `--tests` adds Chromium, and that and
// `--soak` what backups are made with; these and `--bench` have servers of their own, whatever the settings say.
// Plain JavaScript without packages: it runs on the machine's own Node before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'))
const forTests = process.argv.includes('--tests')
const forSoak = process.argv.includes('--soak')
const ownServer = forTests || forSoak || process.argv.includes('--bench')
const quietly = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' }

function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}

function run(command, args, { env = quietly } = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], env })
  if (error) console.error(error.message)
  return status === 0
}

function onPath(name) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The packages are installed when the lock file is the one that was installed last. */
function installPackages() {
  const marker = 'node_modules/.installed-from'
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return
  console.error('Installing npm packages …')
  if (!run('npm', ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error', '--ignore-scripts=false'])) stop('`npm ci` failed; the reason is above.')
  writeFileSync(marker, lock)
}

function generateClient() {
  if (!run('node_modules/.bin/node', ['scripts/generate.mjs'])) stop('The Prisma client could not be generated; the reason is above.')
}

/** Debian packages are installed by root only; everybody else is told the command. */
function installFromDebian(missing) {
  if (missing.length === 0) return
  const command = `apt-get update -qq && apt-get install -qq -y --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    const instead = !ownServer && missing.some((name) => name.startsWith('mariadb')) ? ', or set DATABASE_URL to a MariaDB or MySQL server' : ''
    stop(`${missing.join(' and ')} must be installed first: run \`sudo sh -c '${command}'\`${instead}.`)
  }
  console.error(`Installing ${missing.join(' and ')} …`)
  const installed = run('sh', ['-c', `${command} >&2`], { env: { ...quietly, DEBIAN_FRONTEND: 'noninteractive' } })
  if (!installed) stop(`\`${command}\` failed; the reason is above.`)
}

/** Whether the file of settings names a server, read without a reader of YAML: a line of its own. */
function fileNamesDatabase() {
  const file = process.env.ONRAMP_CONFIG ?? 'onramp.yaml'
  return file !== '' && existsSync(file) && /^["']?DATABASE_URL["']?\s*:\s*\S/m.test(readFileSync(file, 'utf8'))
}

function missingPrograms() {
  const hasServer = onPath('mariadbd') && onPath('mariadb-install-db')
  // What sets up the system tables calls it.
  const hasDefaults = onPath('my_print_defaults')
  const needsServer = ownServer || !(process.env.DATABASE_URL || fileNamesDatabase())
  // Backups are made with it; a portal that only runs does without.
  const needsDump = (forTests || forSoak) && !onPath('mariadb-dump')
  const needsBrowser = forTests && !onPath('chromium') && !process.env.CHROMIUM_PATH
  return [
    ...(needsServer && !hasServer ? ['mariadb-server-core'] : []), ...(needsServer && !hasDefaults ? ['mariadb-client-core'] : []),
    ...(needsDump ? ['mariadb-client'] : []), ...(needsBrowser ? ['chromium'] : []),
  ]
}

if (Number(process.versions.node.split('.')[0]) < 20) stop(`Onramp needs Node 20 or newer to start; this is ${process.version}.`)
installPackages()
generateClient()
installFromDebian(missingPrograms())

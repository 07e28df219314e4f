import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#lib/http/free-port.ts'
import { accounts } from './accounts.ts'
import { canariesIn, secretsOfTheRun } from './canaries.ts'
import { onramp } from './onramp.ts'
import { personalDataInLog } from './personal-data.ts'
import { bundledSample, sharedSample } from './samples.ts'

const root = path.resolve(import.meta.dirname, '..')
const dataDir = path.join(root, '.data-e2e')
// Includes `next build` where the sources changed, on a busy machine.
const READY_WITHIN_MS = 8 * 60_000
// load's exit codes for loads that came in: completed, and completed with exceptions.
const CAME_IN = [0, 2]

async function startPortal(): Promise<ChildProcess> {
  rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(dataDir)
  const port = await freePort()
  Object.assign(process.env, {
    ONRAMP_DATA_DIR: dataDir, PORT: String(port), ONRAMP_E2E_URL: `http://localhost:${port}`, NEXTAUTH_URL: `http://localhost:${port}`,
    ONRAMP_ENVIRONMENT: 'test', ONRAMP_CONFIG: '', ONRAMP_BUFFER_POOL: '256M',
  })
  delete process.env.DATABASE_URL
  const log = openSync(path.join(dataDir, 'serve.log'), 'a')
  const portal = spawn(process.execPath, [path.join(root, 'workers/onramp.ts'), 'serve'], { cwd: root, stdio: ['ignore', log, log] })
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await answers(process.env.ONRAMP_E2E_URL!))) {
    if (portal.exitCode !== null || Date.now() > deadline) throw new Error(`the portal under test does not start; see ${path.join(dataDir, 'serve.log')}`)
    await sleep(250)
  }
  return portal
}

async function answers(address: string): Promise<boolean> {
  return fetch(`${address}/login`, { signal: AbortSignal.timeout(10_000) }).then((answer) => answer.ok, () => false)
}

async function makeAccounts(): Promise<void> {
  for (const { email, name, role, password } of Object.values(accounts)) {
    const { code, stderr } = await onramp('user', 'add', '--email', email, '--name', name, '--role', role, '--password', password, '--keep-password')
    if (code !== 0 && !stderr.includes('already an account')) throw new Error(`the account ${email} could not be made: ${stderr}`)
  }
}

async function loadSamples(): Promise<void> {
  for (const folder of [bundledSample, sharedSample('small-real'), sharedSample('small-dirty')]) {
    if (!folder) continue
    const { code, stderr } = await onramp('load', folder)
    if (!CAME_IN.includes(code ?? -1)) throw new Error(`the sample ${folder} did not load (exit code ${code}): ${stderr}`)
  }
}

/**
 * Brings up the installation that all browser tests share: a fresh database, one account per role, the sample loads.
 * With ONRAMP_E2E_URL (and its DATABASE_URL and ONRAMP_DATA_DIR) the tests use a portal that already runs.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.ONRAMP_E2E_URL) {
    await makeAccounts()
    return undefined
  }
  const portal = await startPortal()
  await makeAccounts()
  await loadSamples()
  return async () => {
    const ended = once(portal, 'exit')
    portal.kill('SIGTERM')
    await ended
    refuseTalkativeLogs()
  }
}

/** What every portal and worker of the run wrote while all tests ran: nothing of it may tell a person or a secret. */
function refuseTalkativeLogs(): void {
  const secrets = secretsOfTheRun(dataDir)
  const logs = readdirSync(dataDir).filter((name) => name.endsWith('.log')).map((name) => ({ name, text: readFileSync(path.join(dataDir, name), 'utf8') }))
  const told = logs.flatMap(({ name, text }) => [...new Set([...personalDataInLog(text), ...canariesIn(text, secrets)])].slice(0, 20).map((what) => `${name} tells ${what.slice(0, 60)}`))
  if (logs.find(({ name }) => name === 'serve.log')!.text.trim() === '') told.push('serve.log is empty')
  if (told.length > 0) throw new Error(`the logs of the portals and workers under test: ${told.join(', ')}`)
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'onramp-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => vi.resetModules())
afterEach(() => vi.unstubAllEnvs())

const SECRET = 'geheim-4711'
// No escape of an address goes like this.
const BROKEN = `${SECRET}%zz`

/** What is said about the settings: nothing when they can be used. */
async function complaint(env: Record<string, string>, file = ''): Promise<string | null> {
  writeFileSync(path.join(folder, 'onramp.yaml'), file)
  for (const [name, value] of Object.entries({ ...env, ONRAMP_CONFIG: path.join(folder, 'onramp.yaml') })) vi.stubEnv(name, value)
  const { config } = await import('./config.ts')
  try {
    config()
    return null
  } catch (error) {
    const { message, cause } = error as Error
    return cause === undefined ? message : `${message} ${String(cause)}`
  }
}

test('nothing has to be set, and the environment wins over the file', async () => {
  expect(await complaint({})).toBeNull()
  vi.resetModules()
  expect(await complaint({}, 'PORT: none')).toMatch(/PORT/)
  expect(await complaint({ PORT: '4000' }, 'PORT: none')).toBeNull()
})

test.each<[string, string]>([
  ['DATABASE_URL', `postgres://u:${SECRET}@h/x`], ['DATABASE_URL', `mysql://u:${SECRET}@h:port/x`], ['DATABASE_URL', `mysql://u:${BROKEN}@h/x`], ['DATABASE_URL', SECRET],
  ['ONRAMP_PORTAL_DATABASE_URL', `http://u:${SECRET}@h/x`], ['ONRAMP_WORKER_DATABASE_URL', `mysql:${SECRET}`], ['DATABASE_URL', `mysql://u:${SECRET}@h/`], ['NEXTAUTH_SECRET', SECRET], ['ONRAMP_AUDIT_KEY', SECRET], ['NEXTAUTH_URL', SECRET], ['ONRAMP_STAGING_SCHEMA', `${SECRET}; drop`],
  ['PORT', '70000'], ['PORT', 'x'], ['ONRAMP_WORKER_SLOTS', '0'], ['ONRAMP_LEASE_SECONDS', '3600'], ['ONRAMP_LOG_LEVEL', 'loud'], ['ONRAMP_BUFFER_POOL', '512'], ['ONRAMP_ENVIRONMENT', 'x'.repeat(31)],
])('a wrong %s is named in one sentence that does not repeat it', async (name, value) => {
  const said = await complaint({ [name]: value })
  expect(said).toMatch(new RegExp(`^The configuration is not usable: ${name}: [^\n]+$`))
  expect(said).not.toContain(SECRET)
})

test('what would not be heard is refused: a misspelt name in the file, a file that is not there, parameters of an address', async () => {
  expect(await complaint({}, `DATABASE_ULR: mysql://u:${SECRET}@h/db`)).toMatch(/onramp\.yaml has DATABASE_ULR, which is no setting of Onramp\.$/)
  const { config } = await import('./config.ts')
  vi.stubEnv('ONRAMP_CONFIG', path.join(folder, 'none.yaml'))
  expect(() => config()).toThrow('There is no file ')
  vi.stubEnv('ONRAMP_CONFIG', '')
  expect(config()).toMatchObject({ PORT: 3000 })
  vi.resetModules()
  expect(await complaint({ DATABASE_URL: `mysql://u:${SECRET}@h/db?ssl-mode=REQUIRED` })).toMatch(/^The configuration is not usable: DATABASE_URL: has a \? or #/)
})

test('every wrong setting is named at once', async () => {
  const said = await complaint({ PORT: 'x', NEXTAUTH_SECRET: 'short', DATABASE_URL: 'x' })
  for (const name of ['PORT', 'NEXTAUTH_SECRET', 'DATABASE_URL']) expect(said).toContain(name)
})

test.each([
  `DATABASE_URL: "mysql://u:${SECRET}@h/db\nPORT: [`, `DATABASE_URL: mysql://u:${SECRET}@h/db: x: y`, `PORT: 1\nPORT: mysql://u:${SECRET}@h`, `- mysql://u:${SECRET}@h/db`, `\tDATABASE_URL: mysql://u:${SECRET}@h/db`, `mysql://u:${SECRET}@h/db`,
])('a file that cannot be read is named with its line, and not quoted: %j', async (file) => {
  const said = await complaint({}, file)
  expect(said).toMatch(/onramp\.yaml (cannot be read as YAML: [A-Z_]+ on line \d+|must hold one setting a line, as NAME: value)\.$/)
  expect(said).not.toContain(SECRET)
})

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { addressWithPassword, foldersOfPeople, secrets } from '../scripts/secrets.ts'
import { buildFolder } from './addresses.ts'
import { secretsOfTheRun } from './canaries.ts'
import { expect, test } from './fixtures.ts'
import { databaseAddress } from './people.ts'

const root = path.resolve(import.meta.dirname, '..')

/** The files of the build below a folder of it, as text. */
function filesOf(folder: string): [string, string][] {
  return readdirSync(path.join(buildFolder, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(buildFolder, name)).isFile()).map((name) => [name, readFileSync(path.join(buildFolder, name), 'latin1')])
}

const found = (files: readonly [string, string][], what: RegExp | string) => files.flatMap(([name, text]) =>
  (typeof what === 'string' ? (text.includes(what) ? [what] : []) : text.match(what) ?? []).map((match) => `${name}: ${match.slice(0, 100)}`))

/** What this installation, and the environment it was built in, keep from others. */
async function values(): Promise<string[]> {
  const { host, password } = new URL(await databaseAddress())
  const environment = Object.entries(process.env).filter(([name]) => /SECRET|PASSWORD|TOKEN|_KEY$|DATABASE_URL/.test(name)).map(([, value]) => value!)
  return [...secretsOfTheRun(process.env.ONRAMP_DATA_DIR!), ...environment, host, decodeURIComponent(password)].filter((value) => value.length >= 8)
}

test('what browsers are given holds no secret, no setting of the server and no folder of the machine it was built on', async () => {
  const files = filesOf('static')
  expect(files.length).toBeGreaterThan(20)
  for (const pattern of [...secrets, addressWithPassword, ...foldersOfPeople]) expect(found(files, pattern)).toEqual([])
  for (const value of [...await values(), root, `${homedir()}/`]) expect(found(files, value)).toEqual([])
  // Not even their names: whoever reads a setting has no business in a browser.
  expect(found(files, /NEXTAUTH_SECRET|NEXTAUTH_URL|DATABASE_URL|ONRAMP_AUDIT_KEY|ONRAMP_DATA_DIR/g)).toEqual([])
  for (const [name, text] of files) if (name.endsWith('.map')) expect((JSON.parse(text) as { sources: string[] }).sources, name).toEqual([])
})

test('what the server runs was built without a secret in it', async () => {
  const files = filesOf('server')
  expect(files.length).toBeGreaterThan(100)
  for (const value of await values()) expect(found(files, value)).toEqual([])
  for (const pattern of secrets) expect(found(files, pattern)).toEqual([])
})

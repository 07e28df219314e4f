import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { RowDataPacket } from 'mysql2/promise'
import { afterAll, expect, test } from 'vitest'
import { createAccount } from '#lib/auth/accounts.ts'
import { verifyPassword } from '#lib/auth/password.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { runOnramp } from './run-onramp.ts'

const { url, connection } = await testDatabase()
const root = mkdtempSync(path.join(tmpdir(), 'onramp-cli-'))
// An empty DATABASE_URL is none: these use the private server.
const own = { ONRAMP_DATA_DIR: path.join(root, 'data'), DATABASE_URL: '' }
const shared = { ...own, DATABASE_URL: url }

afterAll(async () => {
  await runOnramp(['db', 'stop'], own)
  rmSync(root, { recursive: true, force: true })
})

test('without a command it lists them and ends with 1; help ends with 0', async () => {
  const [nothing, help] = await Promise.all([runOnramp([], shared), runOnramp(['help'], shared)])
  expect(nothing.code).toBe(1)
  expect(help.code).toBe(0)
  const listed = [...help.stdout.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name)
  expect(listed).toEqual(expect.arrayContaining(['load', 'rerun', 'report', 'worker', 'serve', 'demo', 'user', 'db', 'sample']))
})

test('every command has a help of its own', async () => {
  const { code, stdout } = await runOnramp(['user', '--help'], shared)
  expect(code).toBe(0)
  expect(stdout).toContain('onramp user add|password --email E [--name N --role R [--partner SLUG]] [--password P]')
  expect(stdout).toContain('--password P')
})

test('what it does not know ends with 1, a sentence on stderr and nothing on stdout', async () => {
  for (const [args, sentence] of [
    [['lod'], 'There is no command "lod"'],
    [['__proto__'], 'There is no command'],
    [['load'], 'load needs an argument'],
    [['load', 'a', 'b'], 'takes no argument "b"'],
    [['load', 'a', '--dryrun'], "Unknown option '--dryrun'"],
    [['load', 'a', '--shop'], "'--shop <value>' argument missing"],
    [['db', 'dance'], 'db knows url, start, stop, migrate'],
    [['user', 'add'], 'needs --email, --name and --role'],
    [['user', 'drop'], 'user knows add, password'],
    [['user', '__proto__'], 'user knows add, password'],
    [['user', 'password'], 'needs --email'],
    [['user', 'password', '--email', 'nobody@example.com'], 'There is no account with the e-mail nobody@example.com.'],
    [['sample', root, '--dirty', '2'], 'a share from 0 to 1'],
    [['soak', '--only', 'C3'], '--only goes with --catalogue'],
    [['soak', '--catalogue', '--only', 'C3,Z9'], 'There are no tests of "Z9"'],
  ] as const) {
    const ended = await runOnramp(args, shared)
    expect(ended, args.join(' ')).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(sentence)
    expect(ended.stderr).not.toContain('    at ')
  }
})

test('a wrong setting is named', async () => {
  const { code, stderr } = await runOnramp(['db', 'url'], { ...own, PORT: 'seven' })
  expect(code).toBe(1)
  expect(stderr).toContain('PORT')
})

test('user add makes an account and prints the password it made up, and only that, on stdout', async () => {
  const email = `ana.${Date.now()}@example.com`
  const made = await runOnramp(['user', 'add', '--email', email, '--name', 'Ana Lima', '--role', 'support'], shared)
  expect(made.code).toBe(0)
  expect(made.stdout.trim()).toMatch(/^\S{15,}$/)
  const [[row]] = await connection.query<RowDataPacket[]>('select id, name, role, passwordHash, mustChangePassword from `user` where email = ?', [email])
  expect(row).toMatchObject({ name: 'Ana Lima', role: 'support', mustChangePassword: 1 })
  expect(row!.passwordHash).toMatch(/^\$argon2id\$/)

  const again = await runOnramp(['user', 'add', '--email', email, '--name', 'Ana Lima', '--role', 'support'], shared)
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toContain('already an account')

  await connection.query("insert into session (id, userId, browser, address) values ('AAAAAAAAAAAAAAAAAAAAAA', ?, 'x', 'x')", [row!.id])
  const kept = await runOnramp(['user', 'password', '--email', email, '--password', 'velvet tractor sings', '--keep-password'], shared)
  expect(kept).toMatchObject({ code: 0, stdout: '' })
  const [[after]] = await connection.query<RowDataPacket[]>(
    'select mustChangePassword, passwordHash, sessionVersion, (select count(*) from session where userId = u.id) as sessions from `user` u where id = ?', [row!.id])
  expect(after).toMatchObject({ mustChangePassword: 0, sessionVersion: 2, sessions: 0 })
  expect(await verifyPassword(after!.passwordHash, 'velvet tractor sings')).toBe(true)
  const [events] = await connection.query<RowDataPacket[]>("select actor, action from audit_event where objectType = 'user' and objectId = ? order by id", [String(row!.id)])
  expect(events).toEqual([{ actor: 'cli', action: 'user_created' }, { actor: 'cli', action: 'password_changed' }])
})

test('user add limits an account to a partner, of those that there are and for roles that can be', async () => {
  const slug = `partner-${Date.now()}`
  await connection.query('insert into partner (slug, name) values (?, ?)', [slug, 'Garage Nine'])
  const add = (role: string, partner: string) => runOnramp(['user', 'add', '--email', `${role}.${Date.now()}@example.com`, '--name', 'Lia', '--role', role, '--partner', partner], shared)
  const made = await add('support', slug)
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining(`as support, limited to the partner ${slug}.`) })
  const [accounts] = await connection.query<RowDataPacket[]>('select u.id, u.role from `user` u join partner p on p.id = u.partnerId where p.slug = ?', [slug])
  expect(accounts.map(({ role }) => role as string)).toEqual(['support'])
  const [[event]] = await connection.query<RowDataPacket[]>("select json_unquote(json_extract(detail, '$.partner')) as partner from audit_event where action = 'user_created' and objectId = ?", [String(accounts[0]!.id)])
  expect(event).toEqual({ partner: slug })
  expect(await add('support', 'nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no partner with the id "nobody".') })
  expect(await add('engineer', slug)).toMatchObject({ code: 1, stderr: expect.stringContaining('Engineers and admins see all partners.') })
})

test('db start brings up the private server with the newest schema, db url tells its address, db stop ends it', async () => {
  expect(await runOnramp(['db', 'url'], own)).toMatchObject({ code: 1, stdout: '' })
  const started = await runOnramp(['db', 'start'], own)
  expect(started.code).toBe(0)
  const told = await runOnramp(['db', 'url'], own)
  expect(told.stdout).toBe(started.stdout)

  const db = await connect(told.stdout.trim())
  const [tables] = await db.query<RowDataPacket[]>("show tables like 'line_item'")
  await db.end()
  expect(tables).toHaveLength(1)
  expect((await runOnramp(['db', 'migrate'], own)).stderr).toContain('Nothing to migrate.')
  expect((await runOnramp(['db', 'url'], own)).code).toBe(0)

  expect((await runOnramp(['db', 'stop'], own)).stderr).toContain('Stopped.')
  expect((await runOnramp(['db', 'url'], own)).code).toBe(1)
})

test('a command that needs the private database starts it for itself and stops it again', async () => {
  const { code } = await runOnramp(['user', 'add', '--email', 'a@example.com', '--name', 'A', '--role', 'viewer'], own)
  expect(code).toBe(0)
  expect((await runOnramp(['db', 'url'], own)).code).toBe(1)
})

test('a folder is where whoever typed it is, also when npm has changed into the checkout', async () => {
  const from = path.join(root, 'somewhere')
  const { code, stdout } = await runOnramp(['sample', 'files', '--invoices', '1'], { ...shared, INIT_CWD: from, npm_lifecycle_event: 'onramp' })
  expect([code, stdout.startsWith(path.join(from, 'files'))]).toEqual([0, true])
  const other = await runOnramp(['load', 'gone', '--partner', 'p', '--shop', 's'], { ...shared, INIT_CWD: from, npm_lifecycle_event: 'onramp' })
  expect(other.stderr).toContain(path.join(from, 'gone'))
})

test('a command whose reader has gone ends as it would have', async () => {
  const [node, script] = [path.resolve('node_modules/.bin/node'), path.resolve('workers/onramp.ts')]
  // More than a pipe holds, and a failure behind it.
  const { code } = await new Promise<{ code: number | null }>((resolve) => {
    execFile('bash', ['-c', `set -o pipefail; '${node}' '${script}' load /nowhere/imports/p/s/l --json | true`], { env: { ...process.env, ...shared } }, (error) => resolve({ code: Number(error?.code ?? 0) }))
  })
  expect(code).toBe(1)
})

test('the demo does not go where other people have accounts', async () => {
  await createAccount(connection, { email: 'real@company.example', name: 'Real Person', role: 'admin', password: 'a quiet morning on the pier' })
  const ended = await runOnramp(['demo'], shared)
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is in use: it has accounts that are not the demo’s') })
})

test('a password comes from stdin, where it stands in no list of processes', async () => {
  const email = 'program@company.example'
  const script = `printf 'a quiet evening on the pier\\nmore\\n' | '${path.resolve('node_modules/.bin/node')}' workers/onramp.ts user add --email ${email} --name Program --role support --password - --keep-password`
  await promisify(execFile)('bash', ['-c', script], { env: { ...process.env, ...shared } })
  const [[made]] = await connection.query<RowDataPacket[]>('select passwordHash from `user` where email = ?', [email])
  expect(await verifyPassword(made!.passwordHash, 'a quiet evening on the pier')).toBe(true)
})

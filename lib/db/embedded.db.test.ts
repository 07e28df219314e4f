import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { connect } from '#lib/ingest/sql/connect.ts'
import { embeddedUrl, startEmbedded, stopEmbedded } from './embedded.ts'

const root = mkdtempSync(path.join(tmpdir(), 'onramp embedded-'))
// Longer than a socket's path may be.
const dir = path.join(root, 'a-folder-with-a-name-that-is-quite-long-'.repeat(3), 'mysql')

afterAll(async () => {
  await stopEmbedded(dir)
  rmSync(root, { recursive: true, force: true })
})

async function query(url: string, sql: string): Promise<unknown> {
  const connection = await connect(new URL('/', url).href)
  try {
    return (await connection.query(sql))[0]
  } finally {
    await connection.end()
  }
}

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`).length > 0) await sleep(20)
}

test('the private server starts from nothing, keeps its data over a restart and takes the same port again', async () => {
  const first = await startEmbedded({ dir })
  expect(first.startedHere).toBe(true)
  await query(first.url, 'create database kept')
  await query(first.url, 'create table kept.t (a int)')
  await query(first.url, 'insert into kept.t values (7)')
  await first.stop()
  await gone(first.pid)
  expect(embeddedUrl(dir)).toBeUndefined()

  const second = await startEmbedded({ dir })
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select a from kept.t')).toEqual([{ a: 7 }])
  await second.stop()
})

test('its password is readable by its owner only, and nobody gets in without it', async () => {
  const server = await startEmbedded({ dir })
  for (const name of ['password', 'init.sql']) expect(statSync(path.join(dir, name)).mode & 0o077).toBe(0)
  const url = new URL(server.url)
  url.password = ''
  await expect(connect(url.href)).rejects.toThrow(/Access denied/)
  url.username = 'root'
  await expect(connect(url.href)).rejects.toThrow(/Access denied/)
  await server.stop()
})

test('its temporary tables are in a folder of its own, which no other server clears away', async () => {
  const server = await startEmbedded({ dir })
  expect(await query(server.url, 'select @@tmpdir as folder')).toEqual([{ folder: path.join(dir, 'tmp') }])
  await server.stop()
})

test('a server that takes its time to become one is waited for, and not started twice', async () => {
  // For a moment after it was made, longer on a machine that has much to do, a process has no arguments.
  const [slow, calls] = [path.join(root, 'slow'), path.join(root, 'calls')]
  mkdirSync(slow)
  writeFileSync(path.join(slow, 'mariadbd'), `#!/usr/bin/perl\nopen(my $calls, '>>', '${calls}'); print $calls "x"; close($calls); my @a = @ARGV; $0 = ''; sleep 1; $ENV{PATH} = '${process.env.PATH}:/usr/sbin'; exec('mariadbd', @a);\n`, { mode: 0o755 })
  const usual = process.env.PATH
  process.env.PATH = `${slow}:${usual}`
  try {
    const server = await startEmbedded({ dir })
    expect(readFileSync(calls, 'utf8')).toBe('x')
    await server.stop()
  } finally {
    process.env.PATH = usual
  }
})

test('a server that was killed comes back with what was committed', async () => {
  const first = await startEmbedded({ dir })
  await query(first.url, 'create database if not exists crash')
  await query(first.url, 'create or replace table crash.t (a int)')
  await query(first.url, 'insert into crash.t values (1), (2)')
  process.kill(first.pid, 'SIGKILL')
  await gone(first.pid)

  const second = await startEmbedded({ dir })
  expect(second.startedHere).toBe(true)
  expect(await query(second.url, 'select count(*) as n from crash.t')).toEqual([{ n: 2 }])
  await first.stop()
  expect(embeddedUrl(dir)).toBe(second.url)
  await second.stop()
  expect(embeddedUrl(dir)).toBeUndefined()
})

test('a stale pid file that names a living process of somebody else is seen through', async () => {
  writeFileSync(path.join(dir, 'state.json'), JSON.stringify({ pid: process.pid, port: 1, keep: false }))
  expect(embeddedUrl(dir)).toBeUndefined()
  const server = await startEmbedded({ dir })
  expect(server.startedHere).toBe(true)
  expect(server.pid).not.toBe(process.pid)
  await server.stop()
})

test('a lost state file does not hide the server that runs', async () => {
  const first = await startEmbedded({ dir })
  rmSync(path.join(dir, 'state.json'))
  const second = await startEmbedded({ dir })
  expect(second).toMatchObject({ url: first.url, pid: first.pid, startedHere: false })
  await first.stop()
  await second.stop()
  expect(embeddedUrl(dir)).toBeUndefined()
})

test('several processes that start it at once get one server, and the last one to leave stops it', async () => {
  const script = `
    import { startEmbedded } from '${path.join(import.meta.dirname, 'embedded.ts')}'
    const server = await startEmbedded({ dir: process.argv[1] })
    console.log(JSON.stringify({ pid: server.pid, startedHere: server.startedHere }))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await server.stop()`
  const fresh = path.join(root, 'parallel')
  const runs = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, fresh])))
  const servers = runs.map(({ stdout }) => JSON.parse(stdout) as { pid: number; startedHere: boolean })
  expect(servers.filter((s) => s.startedHere).length).toBeGreaterThanOrEqual(1)
  expect(embeddedUrl(fresh)).toBeUndefined()
})

test('a user that was killed does not keep the server running for ever', async () => {
  const script = `
    import { startEmbedded } from '${path.join(import.meta.dirname, 'embedded.ts')}'
    await startEmbedded({ dir: process.argv[1] })
    process.kill(process.pid, 'SIGKILL')`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, dir]).catch(() => {})
  expect(embeddedUrl(dir)).toBeDefined()
  const server = await startEmbedded({ dir })
  expect(server.startedHere).toBe(false)
  await server.stop()
  expect(embeddedUrl(dir)).toBeUndefined()
})

test('a server started to be kept stays until it is stopped by name', async () => {
  await startEmbedded({ dir, keep: true })
  const user = await startEmbedded({ dir })
  await user.stop()
  expect(embeddedUrl(dir)).toBeDefined()
  expect(await stopEmbedded(dir)).toBe(true)
  expect(await stopEmbedded(dir)).toBe(false)
})

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'

const root = path.resolve(import.meta.dirname, '..')
const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-stop-'))
afterAll(() => rmSync(dataDir, { recursive: true }))
const { url } = await testDatabase()
const env = { ...process.env, DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_LOG_LEVEL: 'info' }

/** A worker that has begun to look for jobs; `pid` is that of the process which does so. */
async function worker(command: string, args: readonly string[]): Promise<{ child: ChildProcess; pid: number; said: () => string; ended: Promise<unknown[]> }> {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => { said += chunk.toString() })
  const ended = once(child, 'exit')
  await expect.poll(() => said, { timeout: 30_000 }).toContain('worker ready')
  return { child, pid: Number(/"worker":"[^"]*:(\d+)"/.exec(said)![1]), said: () => said, ended }
}

const isLive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('SIGTERM to npm reaches the worker, which ends in order', async () => {
  const { child, pid, said, ended } = await worker('npm', ['run', '--silent', 'onramp', '--', 'worker'])
  expect(pid).not.toBe(child.pid)
  child.kill('SIGTERM')
  await ended
  await expect.poll(() => isLive(pid), { timeout: 15_000 }).toBe(false)
  expect(said()).toContain('worker stopped')
})

test('a signal that comes from the terminal and from npm at once is one', async () => {
  const { child, said, ended } = await worker(process.execPath, ['workers/onramp.ts', 'worker'])
  // Two of the same kind might become one on their way.
  child.kill('SIGINT')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(said()).toContain('worker stopped')
})

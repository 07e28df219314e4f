import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort } from '#lib/http/free-port.ts'
import type { Expected } from '../lib/sample/bundled.ts'
import { processesOf } from './processes.ts'

test.describe.configure({ mode: 'serial', timeout: 240_000 })

const root = path.resolve(import.meta.dirname, '..')
const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-demo-'))

test.afterAll(() => {
  // Beside those of the portal under test, which are looked at when all is over.
  for (const log of readdirSync(path.join(dataDir, 'logs'))) copyFileSync(path.join(dataDir, 'logs', log), path.join(process.env.ONRAMP_DATA_DIR!, `demo-${log}`))
  rmSync(dataDir, { recursive: true, force: true })
})

type Started = { child: ChildProcess; output: () => string; ended: Promise<number | null> }

function start(port: number, ...args: string[]): Started {
  const env: NodeJS.ProcessEnv = { ...process.env, ONRAMP_DATA_DIR: dataDir, PORT: String(port), NEXTAUTH_URL: `http://localhost:${port}` }
  delete env.DATABASE_URL
  const child = spawn(process.execPath, [path.join(root, 'workers/onramp.ts'), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { output += text.toString() })
  return { child, output: () => output, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

const processes = () => processesOf(dataDir)
const answers = (port: number) => fetch(`http://localhost:${port}/login`).then((answer) => answer.ok, () => false)
const accountsIn = (output: string) => output.match(/^ {2}\w+ +\S+@onramp\.example +\S+$/gm)
let accounts: string[] | null

test('the demo loads the sample shop, prints its report and its accounts, and with --exit leaves nothing running', async () => {
  const demo = start(await freePort(), 'demo', '--exit')
  expect(await demo.ended, demo.output()).toBe(0)
  const { entities } = JSON.parse(readFileSync(path.join(root, 'fixtures/sample/expected.json'), 'utf8')) as Pick<Expected, 'entities'>
  for (const [entity, { rows, accepted }] of Object.entries(entities)) {
    const row = demo.output().split('\n').find((line) => line.startsWith(`${entity.replace('_', ' ')} `))!
    const [manifest, records, counted, inserted] = row.match(/[\d,]+/g)!.map((text) => Number(text.replaceAll(',', '')))
    expect({ manifest, records, counted, inserted }, entity).toEqual({ manifest: rows, records: rows, counted: accepted, inserted: accepted })
  }
  accounts = accountsIn(demo.output())
  expect(accounts).toHaveLength(4)
  expect(processes()).toEqual([])
})

test('starting it again keeps data and accounts, and Ctrl-C stops everything', async () => {
  const port = await freePort()
  const demo = start(port, 'demo')
  await expect.poll(demo.output, { timeout: 120_000 }).toContain('Onramp answers at')
  expect(accountsIn(demo.output())).toEqual(accounts)
  expect(demo.output()).toContain(', attempt 1: completed with exceptions')
  expect(await answers(port)).toBe(true)
  expect(processes().length).toBeGreaterThanOrEqual(4)

  demo.child.kill('SIGINT')
  expect(await demo.ended, demo.output()).toBe(0)
  expect(processes()).toEqual([])
})

test('a killed portal, worker and database come back while it serves', async () => {
  const port = await freePort()
  const serve = start(port, 'serve')
  await expect.poll(serve.output, { timeout: 120_000 }).toContain('Onramp answers at')
  for (const part of ['onramp.ts worker', 'next-server', 'mariadbd']) {
    const before = processes().find(({ command }) => command.includes(part))!
    process.kill(before.pid, 'SIGKILL')
    const isBack = () => processes().some(({ pid, command }) => pid !== before.pid && command.includes(part))
    await expect.poll(isBack, { timeout: 60_000, message: part }).toBe(true)
  }
  await expect.poll(() => answers(port), { timeout: 60_000 }).toBe(true)
  serve.child.kill('SIGTERM')
  expect(await serve.ended, serve.output()).toBe(0)
  expect(processes()).toEqual([])
})

test('when it is killed itself, portal and worker go too, and the next start finds its way', async () => {
  const port = await freePort()
  const first = start(port, 'serve')
  await expect.poll(first.output, { timeout: 120_000 }).toContain('Onramp answers at')
  first.child.kill('SIGKILL')
  await expect.poll(() => processes().filter(({ command }) => !command.includes('mariadbd')), { timeout: 60_000 }).toEqual([])

  const second = start(port, 'serve')
  await expect.poll(second.output, { timeout: 120_000 }).toContain('Onramp answers at')
  second.child.kill('SIGINT')
  expect(await second.ended, second.output()).toBe(0)
  expect(processes()).toEqual([])
})

test('a taken port is told in a sentence', async () => {
  const port = await freePort()
  const holder = createServer().listen(port)
  const serve = start(port, 'serve')
  expect(await serve.ended).toBe(1)
  expect(serve.output()).toContain(`Port ${port} is taken.`)
  holder.close()
})

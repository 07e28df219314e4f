import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { forgetPeakOf, peakBytesOf, usageOf } from './process-usage.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'onramp-usage-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the usage of a process grows with what it does', () => {
  const before = usageOf(process.pid)!
  const untilMs = performance.now() + 150
  while (performance.now() < untilMs) Math.sqrt(untilMs)
  const used = usageOf(process.pid)!.cpuSeconds - before.cpuSeconds
  expect(used).toBeGreaterThan(0.02)
  expect(used).toBeLessThan(5)
  expect(peakBytesOf('self')).toBeGreaterThanOrEqual(process.memoryUsage().rss / 2)
})

test('a process that is gone has no usage', () => {
  expect(usageOf(2 ** 22 + 1)).toBeNull()
})

test('the highest memory of a process can be counted anew', async () => {
  const child = spawn(process.execPath, ['--expose-gc', '-e', 'Buffer.alloc(300e6, 1); gc(); console.log("gone"); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(peakBytesOf(child.pid!)).toBeGreaterThan(300e6)
  forgetPeakOf(child.pid!)
  expect(peakBytesOf(child.pid!)).toBeLessThan(200e6)
  child.kill()
})

test('a measured process notes its usage on its end, its highest memory included', async () => {
  const file = path.join(folder, 'usage.json')
  const child = spawn(process.execPath, ['--import', path.resolve('lib/bench/note-usage.ts'), '-e', 'Buffer.alloc(300e6, 1); process.exitCode = 2'], {
    env: { ...process.env, ONRAMP_USAGE_FILE: file }, stdio: 'inherit',
  })
  expect(await once(child, 'exit')).toEqual([2, null])
  const usage = JSON.parse(readFileSync(file, 'utf8')) as { cpuSeconds: number; writtenBytes: number; peakBytes: number }
  expect(usage.peakBytes).toBeGreaterThan(300e6)
  expect(usage.cpuSeconds).toBeGreaterThan(0)
  expect(usage.writtenBytes).toBeGreaterThanOrEqual(0)
})

import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { SEED, runs } from './seed.ts'

const root = path.resolve(import.meta.dirname, '../..')
afterEach(() => vi.unstubAllEnvs())

test('what a property test finds names the seed', () => {
  expect(() => fc.assert(fc.property(fc.nat(), (n) => n < 1000), runs(100))).toThrow(`seed: ${SEED}`)
})

test('every property test begins with it', () => {
  const files = globSync(['{app,components,lib,workers}/**/*.test.{ts,tsx}', 'e2e/**/*.ts'], { cwd: root }).map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') })).filter(({ text }) => text.includes("from 'fast-check'"))
  expect(files.length).toBeGreaterThan(10)
  const calls = (text: string, call: RegExp) => text.match(call)?.length
  for (const { name, text } of files) expect(calls(text, /\), runs\(/g), name).toBe(calls(text, /\bfc\.(assert|check|sample)\(/g))
})

test('SEED is what the environment says, or nothing runs', async () => {
  for (const [given, seed] of [['7', 7], ['0', 0], ['999999999', 999_999_999]] as const) {
    vi.resetModules()
    vi.stubEnv('SEED', given)
    expect((await import('./seed.ts')).runs(1).seed).toBe(seed)
  }
  for (const given of ['', 'x', '-1', '1.5', '1e3', '1234567890']) {
    vi.resetModules()
    vi.stubEnv('SEED', given)
    await expect(import('./seed.ts'), given).rejects.toThrow('SEED must be a whole number')
  }
})

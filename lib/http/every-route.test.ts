import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { isRoute } from './route.ts'

const root = path.join(import.meta.dirname, '../..')
const files = readdirSync(path.join(root, 'app'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|[/\\])route\.tsx?$/.test(file)).map((file) => file.replaceAll('\\', '/')).sort()
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
// Signing in has its own protection (a token against forgery) and its own limits.
const NOT_OURS = ['api/auth/[...nextauth]/route.ts']

test('the API has handlers', () => expect(files.length).toBeGreaterThan(5))

describe.each(files.filter((file) => !NOT_OURS.includes(file)))('%s', (file) => {
  test('answers only through route(), which checks origin, session, role and input', async () => {
    const exported = (await import(path.join(root, 'app', file))) as Record<string, unknown>
    const methods = Object.keys(exported).filter((name) => METHODS.has(name))
    expect(methods.length).toBeGreaterThan(0)
    for (const method of methods) expect(isRoute(exported[method]), `${method} of ${file}`).toBe(true)
  })
})

test('there are no server actions', () => {
  const sources = ['app', 'components', 'lib'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file)).map((file) => path.join(root, folder, file)))
  const actions = sources.filter((file) => /^\s*['"]use server['"]/m.test(readFileSync(file, 'utf8')))
  expect(actions).toEqual([])
})

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { NextConfig } from 'next'
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

const sources = ['app', 'components', 'lib'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file)).map((file) => path.join(root, folder, file)))

test.each(['use server', 'use cache'])('nothing says “%s”', (directive) => {
  const pattern = new RegExp(`^\\s*['"]${directive}[^'"]*['"]\\s*;?\\s*$`, 'm')
  expect(sources.length).toBeGreaterThan(200)
  expect(sources.filter((file) => pattern.test(readFileSync(file, 'utf8')))).toEqual([])
})

test('Next opens no door that nothing here needs', async () => {
  const { default: config } = (await import(path.join(root, 'next.config.ts'))) as { default: NextConfig }
  expect(config.images).toEqual({ unoptimized: true })
  expect(config.poweredByHeader).toBe(false)
  const doors = ['rewrites', 'redirects', 'i18n', 'cacheComponents', 'productionBrowserSourceMaps', 'assetPrefix', 'basePath', 'output', 'deploymentId']
  expect(Object.keys(config).filter((name) => doors.includes(name))).toEqual([])
  // `useOffline` is of the browser alone: it asks again for pages that could not be fetched.
  expect(Object.keys(config.experimental ?? {})).toEqual(['authInterrupts', 'useOffline'])
})

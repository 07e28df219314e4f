// For tests: prints as JSON who gets past the door of every handler of the API, by address and method, as route() was told.
import { globSync } from 'node:fs'
import path from 'node:path'
import type { Access, RouteHandler } from './route.ts'
import './testing-hooks.ts'

const app = path.resolve(import.meta.dirname, '../../app')
const declared: Record<string, Record<string, Access>> = {}

for (const file of globSync('api/**/route.ts', { cwd: app })) {
  const exported = (await import(path.join(app, file))) as Record<string, Partial<RouteHandler>>
  const handlers = Object.entries(exported).flatMap(([method, { access }]) => (access ? [[method, access] as const] : []))
  if (handlers.length > 0) declared[`/${path.dirname(file)}`] = Object.fromEntries(handlers)
}

console.log(JSON.stringify(declared))

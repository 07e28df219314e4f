import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { can, type Permission } from '../lib/auth/permissions.ts'
import type { Access } from '../lib/http/route.ts'
import { examples, type Ids } from './addresses.ts'
import { ask, change, fromOurPages, type Answer, type Method, type Question } from './ask.ts'
import { roleOf, type Kind } from './people.ts'

/** Who gets past the door of each handler that route() made, by address and method. */
export type Declared = Record<string, Partial<Record<Method, Access>>>

/** What the handlers of the source declare. Read in a process of its own: they are made for Next's bundler. */
export async function whatHandlersDeclare(): Promise<Declared> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.resolve(import.meta.dirname, '../lib/http/testing-access.ts')])
  return JSON.parse(stdout) as Declared
}

/** What somebody gets from the door of a handler: status and code, or null where it opens. */
function refusalAt(access: Access, kind: Kind): [number, string] | null {
  if (access === 'visitors') return null
  if (kind === 'visitor' || kind === 'disabled') return [401, 'not_signed_in']
  if (kind === 'must change') return access.beforePasswordChange ? null : [403, 'password_change_required']
  return can({ role: roleOf(kind) }, access.permission) ? null : [403, 'not_allowed']
}

/** What an address must answer to a method: status, and the code of a refusal at the door. */
export function expectedOf(declared: Declared, address: string, method: Method, kind: Kind): [number, string | null] {
  // Next answers HEAD with the handler of GET, and OPTIONS by itself, where a handler has none of its own.
  const asked = method === 'HEAD' && !declared[address]!.HEAD ? 'GET' : method
  const access = declared[address]![asked]
  if (!access) return [method === 'OPTIONS' ? 204 : 405, null]
  const refused = refusalAt(access, kind)
  // HEAD has no body, so no code.
  return refused ? [refused[0], method === 'HEAD' ? null : refused[1]] : [examples[address]!.gets[asked]!, null]
}

/** Sends the example of an address with that method, as our own pages would. */
export async function knock(ids: Ids, address: string, method: Method, question: Question): Promise<Answer> {
  const { at, body, headers } = examples[address]!
  const ours = ['GET', 'HEAD', 'OPTIONS'].includes(method) ? {} : fromOurPages()
  if (method === 'POST' && body) return change(at(ids), { ...question, method, body: body(ids), headers })
  return ask(at(ids), { ...question, method, headers: { ...ours, ...headers } })
}

// What Next writes into a page whose answer has begun, in place of the status.
const FORBIDDEN = 'NEXT_HTTP_ERROR_FALLBACK;403'

/** Where a page sends somebody, or what it says to them. */
export function seen({ status, headers, text }: Answer, says: string): string {
  if (text.includes(says)) return `${status} its content`
  if (status >= 300 && status < 400) return `${status} ${new URL(headers.location!, 'http://onramp.test').pathname}`
  return `${status} ${text.includes(FORBIDDEN) ? 'not allowed' : 'something else'}`
}

/** What somebody must see of a page, in the words of `seen`. */
export function expectedOfPage(needs: Permission | null, kind: Kind): string {
  if (kind === 'visitor' || kind === 'disabled') return '307 /login'
  if (kind === 'must change') return '307 /password'
  return needs === null || can({ role: roleOf(kind) }, needs) ? '200 its content' : '200 not allowed'
}

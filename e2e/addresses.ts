import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Permission } from '../lib/auth/permissions.ts'
import type { Method } from './ask.ts'

const root = path.resolve(import.meta.dirname, '..')

/** The folder of the build that is under test. */
export const buildFolder = path.join(root, process.env.ONRAMP_DIST_DIR ?? '.next')
export const readBuild = <T>(name: string): T => JSON.parse(readFileSync(path.join(buildFolder, name), 'utf8')) as T

/** The addresses that the build answers, in two lists: pages, and handlers. */
export function addressesOfTheBuild(): { pages: string[]; handlers: string[] } {
  const all = Object.entries(readBuild<Record<string, string>>('app-path-routes-manifest.json'))
  const of = (ending: string) => all.filter(([file]) => file.endsWith(ending)).map(([, address]) => address).sort()
  return { pages: of('/page'), handlers: of('/route') }
}

/** What is in the database of the tests: the bundled sample load, and what belongs to it. */
export type Ids = { load: string; shop: string; partner: string; invoice: string }

export async function idsOfTheSample(db: Connection): Promise<Ids> {
  const [[row]] = await db.query<RowDataPacket[]>(`
    select l.id as \`load\`, l.shopId as shop, s.partnerId as partner, (select min(i.id) from invoice i where i.importedLoadId = l.id) as invoice
    from \`load\` l join shop s on s.id = l.shopId join partner p on p.id = s.partnerId
    where p.slug = 'torqueline' and s.slug = '0417' and l.slug = '2025-08-30_torqueline'`)
  return { load: String(row!.load), shop: String(row!.shop), partner: String(row!.partner), invoice: String(row!.invoice) }
}

/**
 * A request that changes nothing, to each address of the API, and what those get who may ask: where something would be
 * changed, the body is wrong or there is no such thing.
 */
export type Example = { at: (ids: Ids) => string; body?: (ids: Ids) => unknown; headers?: Record<string, string>; gets: Partial<Record<Method, number>> }

const NONE = '999999999'
const nobody = (rest: string, gets: Example['gets'], body?: unknown): Example => ({ at: () => `/api/v1/users/${NONE}${rest}`, gets, ...(body ? { body: () => body } : {}) })
const reads = (at: Example['at']): Example => ({ at, gets: { GET: 200 } })
const ofLoad = (rest: string): Example => reads(({ load }) => `/api/v1/loads/${load}${rest}`)
const staged = (rest: string): Example => reads(({ load }) => `/api/v1/staging/${load}${rest}`)

export const examples: Record<string, Example> = {
  '/api/[...unknown]': { at: () => '/api/v2/loads', gets: { GET: 404, POST: 404, PUT: 404, PATCH: 404, DELETE: 404 } },
  '/api/v1/account/password': { at: () => '/api/v1/account/password', body: () => ({}), gets: { POST: 400 } },
  '/api/v1/audit': reads(() => '/api/v1/audit'),
  '/api/v1/audit/csv': reads(() => '/api/v1/audit/csv?action=shop_created'),
  '/api/v1/contract': reads(() => '/api/v1/contract'),
  '/api/v1/contract/templates/[file]': reads(() => '/api/v1/contract/templates/customers.csv'),
  '/api/v1/health': reads(() => '/api/v1/health'),
  '/api/v1/invitations/accept': { at: () => '/api/v1/invitations/accept', body: () => ({ token: 'none', password: 'x' }), gets: { POST: 404 } },
  '/api/v1/invitations/open': { at: () => '/api/v1/invitations/open', body: () => ({ token: 'none' }), gets: { POST: 404 } },
  '/api/v1/invoices': reads(({ shop }) => `/api/v1/invoices?shop=${shop}`),
  '/api/v1/invoices/[id]': reads(({ invoice }) => `/api/v1/invoices/${invoice}`),
  '/api/v1/invoices/[id]/lines': reads(({ invoice }) => `/api/v1/invoices/${invoice}/lines`),
  '/api/v1/invoices/search': { at: () => '/api/v1/invoices/search', body: ({ shop }) => ({ shop, text: '10' }), gets: { POST: 200 } },
  '/api/v1/loads': { at: () => '/api/v1/loads', body: () => ({}), gets: { GET: 200, POST: 400 } },
  '/api/v1/loads/csv': reads(() => '/api/v1/loads/csv?status=completed_with_exceptions'),
  '/api/v1/loads/[id]': ofLoad(''),
  '/api/v1/loads/[id]/attempts': { at: () => `/api/v1/loads/${NONE}/attempts`, body: () => ({ attempt: 'rerun' }), gets: { POST: 404 } },
  '/api/v1/loads/[id]/cancel': { at: () => `/api/v1/loads/${NONE}/cancel`, gets: { POST: 404 } },
  '/api/v1/loads/[id]/events': ofLoad('/events'),
  '/api/v1/loads/[id]/exceptions': ofLoad('/exceptions'),
  '/api/v1/loads/[id]/exceptions/below': ofLoad('/exceptions/below?attempt=1&causeEntity=invoice&causeRecord=1&entity=payment'),
  '/api/v1/loads/[id]/exceptions/csv': ofLoad('/exceptions/csv'),
  '/api/v1/loads/[id]/exceptions/groups': ofLoad('/exceptions/groups'),
  '/api/v1/loads/[id]/exceptions/rejected-rows': ofLoad('/exceptions/rejected-rows?entity=customer'),
  '/api/v1/loads/[id]/files/[name]': ofLoad('/files/customers.csv'),
  '/api/v1/loads/[id]/report': ofLoad('/report'),
  '/api/v1/partners': { at: () => '/api/v1/partners', body: () => ({}), gets: { GET: 200, POST: 400 } },
  '/api/v1/search': reads(() => '/api/v1/search?q=2025-08-30'),
  '/api/v1/sessions': { at: () => '/api/v1/sessions', gets: { GET: 200, DELETE: 200 } },
  '/api/v1/sessions/[id]': { at: () => `/api/v1/sessions/${'0'.repeat(22)}`, gets: { DELETE: 404 } },
  '/api/v1/sessions/confirm': { at: () => '/api/v1/sessions/confirm', body: () => ({}), gets: { POST: 400 } },
  '/api/v1/shops': { at: () => '/api/v1/shops', body: () => ({}), gets: { GET: 200, POST: 400 } },
  '/api/v1/shops/[id]/load-ids': reads(({ shop }) => `/api/v1/shops/${shop}/load-ids?loadId=2025-08-30_torqueline`),
  '/api/v1/shops/search': { at: () => '/api/v1/shops/search', body: () => ({ prefix: '04' }), gets: { POST: 200 } },
  '/api/v1/staging': reads(() => '/api/v1/staging'),
  '/api/v1/staging/[loadId]': staged(''),
  '/api/v1/staging/[loadId]/[entity]': staged('/customer'),
  '/api/v1/staging/[loadId]/[entity]/find': { at: ({ load }) => `/api/v1/staging/${load}/customer/find`, body: () => ({ line: 2 }), gets: { POST: 200 } },
  '/api/v1/staging/[loadId]/[entity]/records': staged('/customer/records'),
  '/api/v1/staging/[loadId]/[entity]/records/[record]': staged('/customer/records/1'),
  '/api/v1/uploads/[[...path]]': {
    at: () => `/api/v1/uploads/${'0'.repeat(32)}`,
    headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    gets: { POST: 400, HEAD: 404, PATCH: 404, DELETE: 404, OPTIONS: 204 },
  },
  '/api/v1/users': { at: () => '/api/v1/users', body: () => ({}), gets: { GET: 200, POST: 400 } },
  '/api/v1/users/[id]': nobody('', { DELETE: 404 }),
  '/api/v1/users/[id]/disable': nobody('/disable', { POST: 404 }),
  '/api/v1/users/[id]/enable': nobody('/enable', { POST: 404 }),
  '/api/v1/users/[id]/link': nobody('/link', { POST: 404, DELETE: 404 }),
  '/api/v1/users/[id]/partner': nobody('/partner', { POST: 404 }, { partnerId: null }),
  '/api/v1/users/[id]/role': nobody('/role', { POST: 404 }, { role: 'viewer' }),
  '/api/v1/users/[id]/sessions': nobody('/sessions', { DELETE: 404 }),
}

/** Handlers that route() did not make, because they are not ours: signing in, and files that everybody may have. */
export const otherHandlers: readonly string[] = ['/api/auth/[...nextauth]', '/icon.svg']

/** A page, who may see it, and words that only its own content has: in the HTML, or in what Next sends in its place. */
export type PageExample = { at: (ids: Ids) => string; needs: Permission | null; says: string }

const page = (at: string | Example['at'], needs: Permission | null, says: string): PageExample => ({ at: typeof at === 'string' ? () => at : at, needs, says })

export const pages: Record<string, PageExample> = {
  '/': page('/', null, 'what happened in the last 24 hours'),
  '/account': page('/account', 'account:own', 'Role: '),
  '/admin/audit': page('/admin/audit', 'audit:read', 'Events are never changed or deleted'),
  '/admin/roles': page('/admin/roles', 'user:manage', 'Four roles, each with all'),
  '/admin/users': page('/admin/users', 'user:manage', 'Who may sign in to Onramp'),
  '/health': page('/health', 'health:read', 'again every 10 seconds'),
  '/help/contract': page('/help/contract', 'load:read', 'seven CSV files and a manifest'),
  '/invoices': page(({ shop }) => `/invoices?shop=${shop}`, 'invoice:read', 'Dates are those of the shop'),
  '/invoices/[id]': page(({ invoice }) => `/invoices/${invoice}`, 'invoice:read', 'Chevrolet Equinox'),
  '/loads': page('/loads', 'load:read', 'Every delivery of every shop'),
  '/loads/[id]': page(({ load }) => `/loads/${load}`, 'load:read', '2025-08-30_torqueline'),
  '/loads/[id]/exceptions': page(({ load }) => `/loads/${load}/exceptions`, 'exception:read', '2025-08-30_torqueline'),
  '/loads/[id]/files': page(({ load }) => `/loads/${load}/files`, 'load:read', 'inventory_parts.csv'),
  '/loads/[id]/stopped/[entity]': page(({ load }) => `/loads/${load}/stopped/customer`, 'load:read', 'Imported before, not in this load'),
  '/loads/new': page('/loads/new', 'load:create', 'Send the files of one shop'),
  '/shops': page('/shops', 'load:read', 'Who receives data, from which partner'),
  '/shops/[id]': page(({ shop }) => `/shops/${shop}`, 'load:read', 'Receives its books from'),
  '/staging': page('/staging', 'staging:read', 'exactly as they were sent'),
  '/staging/[loadId]': page(({ load }) => `/staging/${load}`, 'staging:read', '2025-08-30_torqueline'),
  '/staging/[loadId]/[entity]': page(({ load }) => `/staging/${load}/customer`, 'staging:read', 'rebecca.tremblay891@example.net'),
}

/** Pages of the way in: they hold no data, and decide by themselves whom they are for. */
export const pagesOfTheWayIn: readonly string[] = ['/invite', '/login', '/password']
/** What Next shows when there is nothing else to show. */
export const pagesOfNext: readonly string[] = ['/_global-error', '/_not-found']

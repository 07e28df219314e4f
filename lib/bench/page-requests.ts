import type { Seeded } from './pages-seed.ts'

/** A page, or a request that a page makes by itself. `body`: it is posted as JSON. */
export type PageRequest = { of: PageKind; where: string; body?: unknown }
export const pageKinds = ['home', 'ledger', 'load', 'exceptions', 'staging', 'invoices', 'shops'] as const
export type PageKind = (typeof pageKinds)[number]

const ledger = [
  '', 'page=2', 'page=100', 'page=LAST', 'sort=started', 'status=completed', 'status=failed', 'status=failed,failed_validation,cancelled', 'status=queued', 'status=uploading',
  'shop=SHOP', 'partner=3', 'partner=3&status=failed', 'person=1004', 'person=1004&status=uploading', 'exceptions=rejected', 'exceptions=warnings', 'exceptions=none',
  'from=MONTH_AGO', 'to=YEAR_AGO', 'from=YEAR_AGO&to=MONTH_AGO&status=failed',
  ...['-duration', 'duration', '-rows', 'rows', '-exceptions', 'exceptions'].map((sort) => `sort=${sort}`),
  'sort=-rows&page=LAST', 'sort=-rows&shop=SHOP', 'sort=-exceptions&status=completed_with_exceptions', 'sort=-duration&exceptions=warnings&partner=3', 'sort=-rows&from=YEAR_AGO',
]
const exceptions = [
  '', 'after=EXCEPTION', 'before=EXCEPTION', 'severity=error', 'severity=warning', 'entity=line_item', 'code=parent_rejected', 'entity=line_item&code=invalid_decimal&column=total&severity=error',
  'entity=line_item&code=invalid_decimal&column=total&severity=error&after=EXCEPTION', 'entity=line_item&record=1', 'severity=warning&entity=vehicle',
]
const staging = ['', 'after=HALF', 'before=HALF', 'record=HALF',
  ...['new', 'changed', 'unchanged', 'rejected', 'superseded', 'identical'].flatMap((verdict) => [`verdict=${verdict}`, `verdict=${verdict}&after=HALF`, `verdict=${verdict}&before=HALF`])]
const invoices = [
  '', 'page=2', 'page=100', 'page=LAST_INVOICES', 'sort=date', 'sort=-total', 'sort=total', 'sort=-total&page=100', 'state=draft', 'state=pending', 'state=none', 'state=draft,none&sort=-total',
  'origin=native', 'origin=imported', 'load=LOAD', 'from=MONTH_AGO_DAY', 'to=YEAR_AGO_DAY&state=paid', 'from=YEAR_AGO_DAY&sort=-total&state=paid',
]

/** Every first page, every filter and order, and some page further on, of every list; and what these pages fetch by themselves. */
export function pageRequests({ shop, load, exception }: Seeded, sizes: { loads: number; staged: number; invoices: number }): PageRequest[] {
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  const values: Record<string, string> = {
    LAST_INVOICES: String(Math.ceil(sizes.invoices / 50)), LAST: String(Math.ceil(sizes.loads / 50)), SHOP: '7', LOAD: String(load), EXCEPTION: exception, HALF: String(Math.floor(sizes.staged / 2)),
    MONTH_AGO_DAY: ago(30).slice(0, 10), YEAR_AGO_DAY: ago(365).slice(0, 10), MONTH_AGO: ago(30), YEAR_AGO: ago(365),
  }
  const filled = (query: string) => query.replaceAll(/[A-Z_]{4,}/g, (name) => values[name]!)
  const address = (path: string, query: string) => (query === '' ? path : `${path}?${filled(query)}`)
  const list = (of: PageKind, path: string, queries: readonly string[]): PageRequest[] => queries.map((query) => ({ of, where: address(path, query) }))
  const staged = `/staging/${load}/line_item`
  return [
    ...list('home', '/', ['']), ...list('home', '/api/v1/search', ['q=load-777', 'q=INV-777']),
    ...list('ledger', '/loads', ledger), ...list('ledger', '/api/v1/loads', ['', 'sort=-rows', 'status=failed', 'page=LAST']),
    ...list('load', `/loads/${load}`, ['']), ...list('load', `/loads/${load}/files`, ['']), ...list('load', `/loads/${load}/stopped/line_item`, ['', 'page=100']), ...list('load', `/api/v1/loads/${load}`, ['']),
    ...list('exceptions', `/loads/${load}/exceptions`, exceptions), ...list('exceptions', `/api/v1/loads/${load}/exceptions`, ['', 'after=EXCEPTION']), ...list('exceptions', `/api/v1/loads/${load}/exceptions/groups`, ['']),
    ...list('exceptions', `/api/v1/loads/${load}/exceptions/below`, [`attempt=1&causeEntity=invoice&causeRecord=${Math.floor(sizes.staged / 5) + 1}&entity=line_item`]),
    ...list('staging', '/staging', ['']), ...list('staging', `/staging/${load}`, ['']), ...list('staging', staged, staging),
    { of: 'staging', where: `/api/v1${staged}/find`, body: { line: Number(values.HALF) } }, { of: 'staging', where: `/api/v1${staged}/find`, body: { key: `L-${values.HALF}` } },
    ...list('invoices', '/invoices', invoices.map((query) => (query === '' ? `shop=${shop}` : `shop=${shop}&${query}`))),
    { of: 'invoices', where: '/api/v1/invoices/search', body: { shop: String(shop), text: 'ann woods' } }, { of: 'invoices', where: '/api/v1/invoices/search', body: { shop: String(shop), text: 'INV-22' } },
    ...list('shops', '/shops', ['', 'page=4']), ...list('shops', `/shops/${shop}`, ['']),
  ]
}

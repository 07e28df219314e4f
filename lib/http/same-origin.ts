import { UserError } from '#lib/errors.ts'

// What a form on any other site may send without asking first. Our own pages never do.
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/** Throws `cross_site` unless the request was made by a script of our own pages. */
export function refuseCrossSite(request: Request): void {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin') throw crossSite()
  if (!isOwn(request.headers.get('origin'), request.headers.get('host'))) throw crossSite()
  const type = request.headers.get('content-type')?.split(';', 1)[0]!.trim().toLowerCase()
  if (type !== undefined && FORM_TYPES.has(type)) throw crossSite()
}

function isOwn(origin: string | null, host: string | null): boolean {
  if (origin === null || !URL.canParse(origin)) return false
  if (process.env.NEXTAUTH_URL && origin === new URL(process.env.NEXTAUTH_URL).origin) return true
  // The same server under another of its names: browsers set both headers, and pages can change neither.
  return new URL(origin).host === host
}

const crossSite = () => new UserError('cross_site', 'This request did not come from a page of Onramp, so nothing was done.')

import { isIPv6 } from 'node:net'
import { config } from '#lib/config.ts'

/** Holds the address at the other end of the connection; see prepare-requests.ts. Clients cannot set it. */
export const CONNECTION_HEADER = 'x-onramp-connection'

/**
 * Where a request came from. What a client says about itself (X-Forwarded-For) counts only as far as proxies of our own
 * wrote it: each adds the address it saw at the end, and ONRAMP_TRUSTED_PROXIES tells how many there are.
 */
export function clientAddress(headers: Pick<Headers, 'get'>, trustedProxies = config().ONRAMP_TRUSTED_PROXIES): string {
  const connection = headers.get(CONNECTION_HEADER) ?? 'unknown'
  const forwarded = headers.get('x-forwarded-for')?.split(',').map((address) => address.trim()).filter(Boolean) ?? []
  const seen = trustedProxies === 0 ? connection : (forwarded.at(-trustedProxies) ?? forwarded[0] ?? connection)
  return seen.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 45)
}

/** What counts as one client: an IPv4 address, or the /64 that a subscriber of IPv6 is given. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [before = '', after] = address.split('::')
  const head = before.split(':').filter(Boolean)
  const tail = after?.split(':').filter(Boolean) ?? []
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
  return `${groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** A path of our own to go on to, or `/`. Whatever leads elsewhere (`//host`, `/\host`, a full address) is not taken. */
export function ownPath(wanted: string | string[] | undefined): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return '/'
  const base = 'http://onramp.invalid'
  if (!URL.canParse(wanted, base)) return '/'
  const { origin, pathname, search } = new URL(wanted, base)
  return origin === base && !pathname.startsWith('//') ? pathname + search : '/'
}

const COOKIE_PREFIX = 'onramp-hidden-'
const YEAR_SECONDS = 365 * 86_400

/** The cookie in which a browser keeps which columns of a list are hidden, so that the server draws the list without them. */
export function hiddenColumnsCookie(list: string): string {
  return `${COOKIE_PREFIX}${list}`
}

/** The columns that the cookie names. */
export function readHiddenColumns(cookie: string | undefined): string[] {
  return cookie?.split('.').filter((id) => /^\w{1,40}$/.test(id)) ?? []
}

/** Keeps the choice in this browser for a year. */
export function keepHiddenColumns(list: string, hidden: readonly string[]): void {
  document.cookie = `${hiddenColumnsCookie(list)}=${hidden.join('.')}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
}

type Guard = (href: string) => void

let guard: Guard | null = null

/** Has `asks` called in place of going anywhere, until what this gives is called. */
export function guardLeaving(asks: Guard): () => void {
  guard = asks
  return () => {
    if (guard === asks) guard = null
  }
}

/** Goes to a page of the portal, unless something on this one asks first. */
export function goTo(router: { push(href: string): void }, href: string): void {
  const { pathname, search } = new URL(href, location.href)
  if (guard && pathname + search !== location.pathname + location.search) guard(href)
  else router.push(href)
}

import { createParser, parseAsInteger } from 'nuqs/server'

export const PAGE_SIZES = [25, 50, 100] as const
const DEFAULT_PAGE_SIZE = 50

export type Sort = { id: string; desc: boolean }

/** `-started` in the address: by `started`, descending. */
const parseAsSort = createParser<Sort>({
  parse: (text) => (/^-?\w{1,40}$/.test(text) ? { id: text.replace('-', ''), desc: text.startsWith('-') } : null),
  serialize: ({ id, desc }) => (desc ? `-${id}` : id),
  eq: (a, b) => a.id === b.id && a.desc === b.desc,
})

/**
 * Sort, page and page size as every list keeps them in its address: `?sort=-started&page=3&size=100`. Pages read them with
 * `createLoader({ ...tableSearchParams, …own filters })` from `nuqs/server`; an unknown sort column is the page's to ignore.
 */
export const tableSearchParams = {
  sort: parseAsSort,
  page: parseAsInteger.withDefault(1),
  size: parseAsInteger.withDefault(DEFAULT_PAGE_SIZE),
}

/** What a query needs from the address: a page that exists as a number and a size from the list. */
export function pageOf({ page, size }: { page: number; size: number }): { page: number; size: number; skip: number; take: number } {
  const take = (PAGE_SIZES as readonly number[]).includes(size) ? size : DEFAULT_PAGE_SIZE
  const first = Math.min(Math.max(page, 1), 1_000_000)
  return { page: first, size: take, skip: (first - 1) * take, take }
}

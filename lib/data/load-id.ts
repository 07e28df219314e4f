import { notFound } from '#lib/errors.ts'

/** The id in an address as the database has it. Throws `not_found` for text that cannot be an id. */
export function loadKey(id: string): bigint {
  if (!/^\d{1,18}$/.test(id)) throw notFound('This load')
  return BigInt(id)
}

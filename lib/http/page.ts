import 'server-only'
import { forbidden, notFound } from 'next/navigation'
import { UserError } from '#lib/errors.ts'

/**
 * For pages: what lib/data gives, or the page that says why not. `not_found` and `invalid_input` (an id in the address
 * that cannot be one) show "does not exist", `not_allowed` shows "not allowed"; anything else goes to the error page.
 */
export async function orErrorPage<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof UserError && (error.code === 'not_found' || error.code === 'invalid_input')) notFound()
    if (error instanceof UserError && error.code === 'not_allowed') forbidden()
    throw error
  }
}

import type { Instrumentation } from 'next'
import { DATABASE_AWAY } from '#lib/data/unavailable.ts'
import { answerAway } from '#lib/http/responses.ts'

export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { prepareRequests } = await import('./lib/http/prepare-requests.ts')
  prepareRequests()
}

// One error may break the layout, the page and its metadata at once.
const logged = new WeakSet<object>()

/** Errors of pages go to the log under the reference that the error page shows. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  // Before anything that has to be waited for: then the answer may be on its way.
  if ((error as { digest?: string }).digest === DATABASE_AWAY) answerAway(request.headers)
  if (logged.has(error as object)) return
  logged.add(error as object)
  const [{ log }, { withoutValues }] = await Promise.all([import('./lib/log.ts'), import('./lib/http/loggable.ts')])
  const reference = (error as { digest?: string }).digest
  log().error({ reference, method: request.method, route: context.routePath, ...withoutValues(error) }, 'page failed')
}

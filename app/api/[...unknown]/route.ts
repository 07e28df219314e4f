import { notFound } from '#lib/errors.ts'
import { route } from '#lib/http/route.ts'

const answer = route({ permission: 'load:read' }, () => {
  throw notFound('This address of the API')
})

/** Addresses that no other handler has: the envelope of the API and not a page. */
export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT }

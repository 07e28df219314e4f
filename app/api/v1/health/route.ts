import { readHealth } from '#lib/data/health.ts'
import { json, route } from '#lib/http/route.ts'

/** The state of the installation; 503 when a part of it is down. */
export const GET = route({ permission: 'health:read' }, async ({ user }) => {
  const health = await readHealth(user)
  return json(health, { status: health.state === 'down' ? 503 : 200 })
})

import { z } from 'zod'
import { dryRunLoad, rerunLoad } from '#lib/data/load-actions.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

const body = z.strictObject({ attempt: z.enum(['rerun', 'dry_run']) })

/** Runs the files of a load again, for real or as a dry run. Answers 409 `load_running` while an attempt of it waits or runs, and 409 `conflict` with the reason where it would change nothing. */
export const POST = route({ permission: 'load:rerun', params: loadParams, body }, async ({ user, params, body: { attempt } }) =>
  json(await (attempt === 'dry_run' ? dryRunLoad(user, params.id) : rerunLoad(user, params.id)), { status: 202 }))

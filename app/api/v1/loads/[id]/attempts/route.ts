import { z } from 'zod'
import { rerunLoad } from '#lib/data/load-actions.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Runs the files of a load again. Answers 409 `load_running` while an attempt of it waits or runs. */
export const POST = route({ permission: 'load:rerun', params: loadParams, body: z.strictObject({ attempt: z.literal('rerun') }) },
  async ({ user, params }) => json(await rerunLoad(user, params.id), { status: 202 }))

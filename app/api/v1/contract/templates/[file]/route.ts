import { z } from 'zod'
import { csvTemplate } from '#lib/contract/document.ts'
import { entities } from '#lib/contract/index.ts'
import { notFound } from '#lib/errors.ts'
import { route } from '#lib/http/route.ts'

/** An empty CSV of an entity, with its header row. */
export const GET = route({ permission: 'load:read', params: z.object({ file: z.string().max(100) }) }, ({ params }) => {
  const entity = entities.find((e) => e.file === params.file)
  if (!entity) throw notFound('That file')
  return new Response(csvTemplate(entity), {
    headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${entity.file}"` },
  })
})

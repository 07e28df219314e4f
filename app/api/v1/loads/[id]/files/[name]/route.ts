import { Readable } from 'node:stream'
import { z } from 'zod'
import { openLoadFile } from '#lib/data/load-files.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { route } from '#lib/http/route.ts'

const params = loadParams.extend({ name: z.string().min(1).max(255) })
const query = z.object({ delivery: z.coerce.number().int().min(1).nullable().default(null) })

/** A raw file as it arrived. Always a download, never shown by the browser, whatever the file holds. */
export const GET = route({ permission: 'file:download', params, query }, async ({ user, params, query, request }) => {
  // Who asks for the headers alone never reads a stream, and so never lets it end.
  const { stream, bytes, name } = await openLoadFile(user, params.id, query.delivery, params.name, request.method === 'HEAD' ? 'HEAD' : 'GET')
  return new Response(stream && (Readable.toWeb(stream) as ReadableStream), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${asciiName(name)}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, percent)}`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    },
  })
})

/** A name for clients that do not read filename*: nothing that could end the quotes or the header. */
function asciiName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_')
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

import { depthOf } from '#lib/contract/json-depth.ts'
import { UserError, invalidInput } from '#lib/errors.ts'

// Far more than any body of ours. What goes thousands deep is read without harm, but cannot be written as text again.
const MAX_DEPTH = 100

/** The JSON body of a request. Reads no further than `maxBytes`. Throws `too_large` and `invalid_input`. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]!.trim().toLowerCase()
  if (type !== 'application/json') throw invalidInput('Send the body as JSON, with the content type application/json.')
  const tooLarge = () => new UserError('too_large', `The body is larger than ${maxBytes.toLocaleString('en-US')} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new UserError('invalid_input', 'The body is not JSON.', undefined, { cause })
  }
  if (depthOf(text) > MAX_DEPTH) throw invalidInput('The body is nested too deep.')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UserError('invalid_input', 'The body is not JSON.', undefined, { cause })
  }
}

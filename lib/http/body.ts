import { isDeep } from '#lib/contract/json-depth.ts'
import { UserError, invalidInput } from '#lib/errors.ts'

/** The JSON body of a request. Reads no further than `maxBytes`. Throws `too_large` and `invalid_input`. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  if (typeOf(request) !== 'application/json') throw invalidInput('Send the body as JSON, with the content type application/json.')
  const bytes = await readBytes(request, maxBytes)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (isDeep(text)) throw invalidInput('The body is nested too deep.')
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    throw new UserError('invalid_input', 'The body is not JSON.', undefined, { cause })
  }
}

/** The body of a form as it was sent. Reads no further than `maxBytes`. Throws `too_large` and `invalid_input`. */
export async function readForm(request: Request, maxBytes: number): Promise<string> {
  if (typeOf(request) !== 'application/x-www-form-urlencoded') throw invalidInput('Send the body as a form, with the content type application/x-www-form-urlencoded.')
  return (await readBytes(request, maxBytes)).toString('utf8')
}

const typeOf = (request: Request) => request.headers.get('content-type')?.split(';', 1)[0]!.trim().toLowerCase()

async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  // Nothing is unpacked: a few bytes may hold gigabytes.
  const coding = request.headers.get('content-encoding')
  if (coding !== null && coding !== 'identity') throw invalidInput('Send the body as it is, without a content-encoding.')
  const tooLarge = () => new UserError('too_large', `The body is larger than ${maxBytes.toLocaleString('en-US')} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

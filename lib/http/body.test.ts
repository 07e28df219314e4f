import { expect, test } from 'vitest'
import { readJson } from './body.ts'

const post = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }) =>
  new Request('http://onramp.test/', { method: 'POST', body, headers })

test('a JSON body is read', async () => {
  expect(await readJson(post('{"a":[1,"ü"]}'), 100)).toEqual({ a: [1, 'ü'] })
})

test('reading stops at the limit, also when the length is not told', async () => {
  let sent = 0
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1024
      controller.enqueue(new Uint8Array(1024))
    },
  })
  const request = new Request('http://onramp.test/', { method: 'POST', body: endless, headers: { 'content-type': 'application/json' }, duplex: 'half' } as RequestInit)
  await expect(readJson(request, 10_000)).rejects.toMatchObject({ code: 'too_large', status: 413 })
  expect(sent).toBeLessThan(20_000)
})

test('a length above the limit is refused before anything is read', async () => {
  await expect(readJson(post('{}', { 'content-type': 'application/json', 'content-length': '1000000' }), 100)).rejects.toMatchObject({ code: 'too_large' })
})

test.each([['{"a":'], [''], ['[1,]'], [new Uint8Array([0x22, 0xff, 0x22])]])('%o is not JSON', async (body) => {
  await expect(readJson(post(body), 100)).rejects.toMatchObject({ code: 'invalid_input', message: 'The body is not JSON.' })
})

test('a body that says it is packed is refused, whatever it is', async () => {
  const json = 'application/json'
  for (const coding of ['gzip', 'br', '', 'identity, gzip']) await expect(readJson(post('{}', { 'content-type': json, 'content-encoding': coding }), 100)).rejects.toMatchObject({ code: 'invalid_input', message: 'Send the body as it is, without a content-encoding.' })
  expect(await readJson(post('{}', { 'content-type': json, 'content-encoding': 'identity' }), 100)).toEqual({})
})

test('what is nested deeper than anything of ours is refused; brackets in texts are not nested', async () => {
  for (const [open, close] of [['[', ']'], ['{"a":', '}']] as const) {
    const nested = (depth: number) => post(`{"manifest":${open.repeat(depth)}1${close.repeat(depth)}}`)
    expect(await readJson(nested(19), 200_000)).toHaveProperty('manifest')
    for (const depth of [20, 25_000]) await expect(readJson(nested(depth), 200_000)).rejects.toMatchObject({ code: 'invalid_input', message: 'The body is nested too deep.' })
  }
  const text = `"${'['.repeat(100)}\\"${'{'.repeat(100)}"`
  expect(await readJson(post(text), 1_000)).toBe(JSON.parse(text))
})

test.each([{ 'content-type': 'application/xml' }, { 'content-type': 'application/jsonp' }])('a body sent as %o is refused', async (headers) => {
  await expect(readJson(post('{}', headers), 100)).rejects.toMatchObject({ code: 'invalid_input' })
})

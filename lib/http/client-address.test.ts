import { createServer, get, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { clientAddress, CONNECTION_HEADER, networkOf } from './client-address.ts'
import { prepareRequests } from './prepare-requests.ts'

const from = (connection: string, forwarded?: string) =>
  new Headers({ [CONNECTION_HEADER]: connection, ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) })

test('what a client claims about its address counts for nothing unless a proxy of our own is in front', () => {
  const forged = from('203.0.113.9', '198.51.100.1, 198.51.100.2')
  expect(clientAddress(forged, 0)).toBe('203.0.113.9')
  expect(clientAddress(forged, 1)).toBe('198.51.100.2')
  expect(clientAddress(forged, 2)).toBe('198.51.100.1')
  expect(clientAddress(forged, 3)).toBe('198.51.100.1')
  expect(clientAddress(from('10.0.0.1'), 1)).toBe('10.0.0.1')
  expect(clientAddress(new Headers(), 0)).toBe('unknown')
})

test('an IPv4 address is the same in either spelling, and an IPv6 one counts with its /64', () => {
  expect(clientAddress(from('::ffff:203.0.113.9'), 0)).toBe('203.0.113.9')
  expect(networkOf('203.0.113.9')).toBe('203.0.113.9')
  expect(networkOf('2001:db8:0:7:aaaa:bbbb:cccc:dddd')).toBe('2001:db8:0:7::/64')
  expect(networkOf('2001:0DB8::7:1:2:3:4')).toBe('2001:db8:0:7::/64')
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('unknown')).toBe('unknown')
})

test('the address of the connection replaces whatever was sent under its name', async () => {
  prepareRequests()
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answer = await new Promise<string>((resolve, reject) => {
    get({ port, host: '127.0.0.1', headers: { [CONNECTION_HEADER]: '198.51.100.1' } }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => { text += chunk.toString() }).on('end', () => resolve(text))
    }).on('error', reject)
  })
  server.close()
  expect((JSON.parse(answer) as IncomingHttpHeaders)[CONNECTION_HEADER]).toBe('127.0.0.1')
})

import { expect, test } from 'vitest'
import { hashOf, keyIdOf, NO_HASH, type StoredEvent } from './event.ts'

const key = 'a key of at least thirty-two characters'
const event: StoredEvent = { number: '7', at: '2026-11-20 10:00:00.123', userId: '3', actor: 'a@example.com', action: 'login', objectType: 'user', objectId: '3', detail: '{"b":1,"a":"x"}' }

test('the hash is the same however a server writes the detail, and another one for any other value, predecessor or key', () => {
  const hash = hashOf(event, NO_HASH, key)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(hashOf({ ...event, detail: '{"a": "x", "b": 1}' }, NO_HASH, key)).toBe(hash)
  const others = [
    ...Object.keys(event).map((field) => hashOf({ ...event, [field]: field === 'detail' ? '{"b":2,"a":"x"}' : `${event[field as keyof StoredEvent]}1` }, NO_HASH, key)),
    hashOf({ ...event, detail: null }, NO_HASH, key), hashOf({ ...event, userId: null }, NO_HASH, key),
    // What moves from one field into the next is another event.
    hashOf({ ...event, objectType: 'use', objectId: 'r3' }, NO_HASH, key),
    hashOf(event, hash, key), hashOf(event, NO_HASH, `${key}!`),
  ]
  expect(new Set([hash, ...others]).size).toBe(others.length + 1)
})

test('the id of a key tells keys apart', () => {
  expect(keyIdOf(key)).toMatch(/^[0-9a-f]{16}$/)
  expect(keyIdOf(`${key}!`)).not.toBe(keyIdOf(key))
})

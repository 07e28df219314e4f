import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { looksLikeUtf16, startsWithBom, Utf8Check } from './encoding.ts'

const bytes = fc.array(fc.oneof(
  fc.constantFrom([0x61], [0xc3, 0xa9], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], [0xed, 0x9f, 0xbf], [0xf4, 0x8f, 0xbf, 0xbf]),
  // Overlong forms, surrogates, beyond the last character, lone bytes.
  fc.constantFrom([0xc0, 0x80], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xff], [0xc3], [0xe2, 0x82]),
  fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
), { maxLength: 12 }).map((parts) => Uint8Array.from(parts.flat()))

const decodes = (part: Uint8Array, stream: boolean) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(part, { stream })
    return true
  } catch {
    return false
  }
}

test('it refuses what a strict decoder refuses, naming the byte that begins no character, whatever the pieces', { timeout: timesMs(30_000) }, () => {
  fc.assert(fc.property(bytes, fc.integer({ min: 1, max: 5 }), (all, size) => {
    const check = new Utf8Check()
    let wrong: number | null = null
    for (let at = 0; at < all.length && wrong === null; at += size) {
      const found = check.check(all.subarray(at, at + size))
      if (!found) continue
      wrong = at + found.at
      expect(found.byte).toBe(all[wrong])
    }
    expect(wrong === null && check.unfinished === 0).toBe(decodes(all, false))
    // Everything before is whole, and what begins here is no character.
    const from = wrong ?? all.length - check.unfinished
    expect(decodes(all.subarray(0, from), false)).toBe(true)
    if (wrong !== null) expect(decodes(all.subarray(wrong, wrong + 4), true)).toBe(false)
  }), runs(10_000))
})

test('only the whole byte order mark is one', () => {
  expect(startsWithBom(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe(true)
  expect(startsWithBom(Uint8Array.of(0xef, 0xbb))).toBe(false)
  expect(startsWithBom(Uint8Array.of())).toBe(false)
})

describe('UTF-16', () => {
  test.each([['utf16le', 0], ['big-endian', 1]] as const)('%s is seen with and without its mark', (_, swapped) => {
    for (const text of ['\uFEFFname,city\r\n', 'externalCustomerId,firstName\r\n']) {
      const encoded = Buffer.from(text, 'utf16le')
      expect(looksLikeUtf16(swapped ? encoded.swap16() : encoded)).toBe(true)
    }
  })
  test('UTF-8 is not taken for it, nor is a file with a few NULs, nor a very short one', () => {
    expect(looksLikeUtf16(Buffer.from('externalCustomerId,firstName\r\nC1,Zoë\r\n'))).toBe(false)
    expect(looksLikeUtf16(Buffer.from('id,name\n1,a\0b\n2,\0\0\n'))).toBe(false)
    expect(looksLikeUtf16(Uint8Array.of(0x61, 0))).toBe(false)
  })
})

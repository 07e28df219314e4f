import { expect, test } from 'vitest'
import { MAX_PASSWORD_LENGTH } from './password-rules.ts'
import { generatePassword, hashPassword, verifyPassword } from './password.ts'

test('a password is kept as argon2id with the parameters of OWASP', async () => {
  expect(await hashPassword('correct horse battery')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('only the right password matches, however its accents are composed', async () => {
  const hash = await hashPassword('se\u00f1or caf\u00e9 ma\u00f1ana')
  expect(await verifyPassword(hash, 'se\u00f1or caf\u00e9 ma\u00f1ana')).toBe(true)
  expect(await verifyPassword(hash, 'sen\u0303or cafe\u0301 man\u0303ana')).toBe(true)
  expect(await verifyPassword(hash, 'senor cafe manana')).toBe(false)
  expect(await verifyPassword(hash, '')).toBe(false)
})

test('the longest password that is taken matches, and nothing that only begins with it', async () => {
  const longest = '\u{1F600}'.repeat(MAX_PASSWORD_LENGTH)
  const hash = await hashPassword(longest)
  expect(await verifyPassword(hash, longest)).toBe(true)
  expect(await verifyPassword(hash, `${longest}x`)).toBe(false)
  expect(await verifyPassword(null, longest)).toBe(false)
})

test('an account that does not exist takes as long as a wrong password', async () => {
  const hash = await hashPassword('correct horse battery')
  await verifyPassword(undefined, 'warm up')
  const timed = async (kept: string | undefined) => {
    const started = performance.now()
    expect(await verifyPassword(kept, 'a wrong password')).toBe(false)
    return performance.now() - started
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[4]!
  const times: { wrong: number[]; unknown: number[] } = { wrong: [], unknown: [] }
  // In turn, so that whatever else the machine does hits both alike.
  for (let i = 0; i < 9; i++) {
    times.wrong.push(await timed(hash))
    times.unknown.push(await timed(undefined))
  }
  const [wrong, unknown] = [median(times.wrong), median(times.unknown)]
  // Not hashing at all would take well under a tenth.
  expect(unknown).toBeGreaterThan(wrong / 3)
})

test('generated passwords are long, readable and different', () => {
  const made = Array.from({ length: 100 }, generatePassword)
  expect(new Set(made).size).toBe(100)
  for (const password of made) expect(password).toMatch(/^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/)
})

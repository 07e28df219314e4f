import { dictionary } from '@zxcvbn-ts/language-common'
import { expect, test } from 'vitest'
import { isGuessable } from './guessable.ts'
import { generatePassword } from './password.ts'
import { MIN_PASSWORD_LENGTH, passwordProblem } from './password-rules.ts'

const common = dictionary['passwords-common'] as string[]
const refused = (password: string) => passwordProblem(password) !== null || isGuessable(password)

test('of the fifty thousand most common passwords none is taken', () => {
  expect(common.length).toBeGreaterThan(3_000)
  expect(common.filter((password) => [...password].length >= MIN_PASSWORD_LENGTH && !refused(password))).toEqual([])
})

// Every 20th of the 3,000 most common, made long enough the way people do it.
const sampled = common.slice(0, 3_000).filter((_, i) => i % 20 === 0)
test.each<[string, (password: string) => string]>([
  ['repeated', (password) => password.repeat(Math.ceil(MIN_PASSWORD_LENGTH / password.length))],
  ['with digits behind', (password) => password + '1234567890123456'.slice(0, Math.max(4, MIN_PASSWORD_LENGTH - password.length))],
  ['with exclamation marks behind', (password) => password.padEnd(MIN_PASSWORD_LENGTH, '!')],
])('a common password %s is not taken either', (_, longer) => {
  expect(sampled.map(longer).filter((password) => !refused(password))).toEqual([])
})

test.each(['Password1Password1', 'P@ssw0rdP@ssw0rd', 'iloveyouiloveyou', 'qazwsxedcrfvtgb', 'michaeljordan23', 'Manchester United', 'summer2024summer2024', 'The quick brown fox!',
  'correct horse battery staple', '19871987198719871987', 'Onramp2026Onramp'])('%s is guessable', (password) => expect(refused(password)).toBe(true))

test.each(['correct horse battery', 'correct horse support staple', 'velvet tractor sings', 'seven purple umbrellas', 'mein alter Nachbar pfeift', 'senor cafe manana luz', '我喜欢在下雨天喝一杯热的绿茶吧', 'k7$Qz!m2Lp#9xVt4'])(
  '%s is not', (password) => expect(refused(password)).toBe(false))

test('generated passwords are taken', () => {
  for (let i = 0; i < 50; i++) expect(refused(generatePassword())).toBe(false)
})

test('the person’s own words do not make a password hard', () => {
  expect(isGuessable('torqueline torqueline1', ['Tor Queline', 'torqueline@example.com'])).toBe(true)
})

test('the longest and most repetitive passwords are judged in no time', () => {
  for (const part of ['a', 'ab1', '12345678', 'p4ssw0rd!@$', '4@$(5!1', 'qwerty', '\u{1F600}x', '\u0000 1']) {
    const started = performance.now()
    isGuessable(part.repeat(1024), [part.repeat(200)])
    expect(performance.now() - started, part).toBeLessThan(1_500)
  }
})

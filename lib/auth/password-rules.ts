export const MIN_PASSWORD_LENGTH = 15
// Long enough for any pass phrase; hashing more would only help somebody who wants to keep the server busy.
export const MAX_PASSWORD_LENGTH = 256

export type PasswordRule = 'length' | 'variety' | 'personal'

/** The rules, as a page lists them before anything is typed. The server refuses easily guessed passwords as well. */
export const passwordRules: Record<PasswordRule, string> = {
  length: `At least ${MIN_PASSWORD_LENGTH} characters. A few unrelated words are easiest to remember.`,
  variety: 'Not one thing over and over, and not a row of keys or digits.',
  personal: 'Not your name or e-mail address.',
}

/** What is wrong with a password by itself, as a sentence that begins with "The password …", and the rule it breaks; or null. */
export function passwordProblem(password: string, personal: readonly string[] = []): { rule: PasswordRule; message: string } | null {
  const characters = [...password.normalize('NFKC')]
  if (characters.length < MIN_PASSWORD_LENGTH) return { rule: 'length', message: `The password must have at least ${MIN_PASSWORD_LENGTH} characters.` }
  if (characters.length > MAX_PASSWORD_LENGTH) return { rule: 'length', message: `The password must have at most ${MAX_PASSWORD_LENGTH} characters.` }
  if (new Set(characters).size < 5) return { rule: 'variety', message: 'The password must have at least 5 different characters.' }
  const repeated = repeatedLength(characters)
  if (repeated < MIN_PASSWORD_LENGTH) return { rule: 'variety', message: `The password must not repeat the same ${repeated} characters.` }
  if (stepsShare(characters) > 0.75) return { rule: 'variety', message: 'The password must not be a row of keys, letters or digits.' }
  if (mostlyPersonal(password, personal)) return { rule: 'personal', message: 'The password must not be the name or the e-mail address, with little more.' }
  return null
}

/** The length of the shortest beginning whose repetition gives the whole; the whole length when nothing repeats. */
function repeatedLength(characters: string[]): number {
  for (let period = 1; period <= characters.length / 2; period++) {
    if (characters.every((character, i) => character === characters[i % period])) return period
  }
  return characters.length
}

const KEY_ROWS = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'azertyuiop', '1qaz2wsx3edc4rfv5tgb6yhn7ujm', '1q2w3e4r5t6y7u8i9o0p']

/** How many neighbours in the password are also neighbours in the alphabet, among the digits, or on a keyboard. */
function stepsShare(characters: string[]): number {
  const lower = characters.map((character) => character.toLowerCase())
  const steps = lower.slice(1).filter((character, i) => isStep(lower[i]!, character)).length
  return steps / (lower.length - 1)
}

function isStep(a: string, b: string): boolean {
  if (/^[a-z0-9]{2}$/.test(a + b) && Math.abs(a.charCodeAt(0) - b.charCodeAt(0)) <= 1) return true
  return KEY_ROWS.some((row) => row.includes(a + b) || row.includes(b + a))
}

const LEFT_TO_GUESS = 8
const plain = (text: string) => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Whether little is left of the password without the person's own words. */
function mostlyPersonal(password: string, personal: readonly string[]): boolean {
  const words = personal.flatMap((text) => [plain(text), ...text.split(/[\s@._-]+/).map(plain)]).filter((word) => word.length >= 3)
  let left = plain(password)
  const whole = left
  for (const word of words.toSorted((a, b) => b.length - a.length)) left = left.replaceAll(word, '')
  return left !== whole && [...left].length < LEFT_TO_GUESS
}

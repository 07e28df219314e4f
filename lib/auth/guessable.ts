import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

// Below this many tries a password falls to whoever works through lists of them. A pass phrase of three words takes 10^13.
const TRIES_LOG10 = 9
// Estimating takes time with the square of the length, and what begins with this many hard characters is hard.
const LOOKED_AT = 64

/** Sayings too long for a list of passwords and known to everybody, without blanks and signs. */
const SAYINGS = new Set([
  'correcthorsebatterystaple', 'thequickbrownfox', 'thequickbrownfoxjumpsoverthelazydog', 'jumpsoverthelazydog', 'jumpoverthelazydog', 'loremipsumdolor',
  'loremipsumdolorsitamet', 'tobeornottobe', 'tobeornottobethatisthequestion', 'maytheforcebewithyou', 'supercalifragilisticexpialidocious',
  'letmeinletmeinplease', 'iloveyouverymuch', 'iloveyousomuch', 'iloveyouforever', 'mypasswordissecret', 'thisismypassword', 'thisisapassword',
  'thisisasecret', 'passwordpassword', 'nobodyknowsthis', 'opensesameopen', 'onceuponatimethere', 'twinkletwinklelittlestar', 'happybirthdaytoyou',
  'merrychristmas', 'intheendgod', 'inthebeginning', 'ourfatherwhoartinheaven', 'jesuslovesme', 'godblessamerica', 'onenationundergod',
  'wethepeople', 'wethepeopleoftheunitedstates', 'fourscoreandsevenyearsago', 'theforceisstrong', 'winteriscoming', 'onedoesnotsimply',
  'hakunamatata', 'neversaynever', 'nevergonnagiveyouup', 'liveandletdie', 'carpediemcarpediem', 'knowledgeispower', 'timeismoney',
  'practicemakesperfect', 'abcdefghijklmnopqrstuvwxyz', 'administrator', 'welcometoonramp', 'onrampadministrator', 'changemeplease', 'pleasechangeme',
  'pleasechangethis', 'changethispassword', 'temporarypassword', 'defaultpassword', 'initialpassword', 'mysecretpassword', 'myverysecurepassword',
])

let made: ZxcvbnFactory | undefined
const estimator = () => (made ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs }))

/**
 * Whether a password would soon be guessed: it is one of the fifty thousand most common, or put together from such, from
 * rows of keys, dates, repetitions and the person's own words.
 */
export function isGuessable(password: string, personal: readonly string[] = []): boolean {
  const beginning = [...password.normalize('NFKC')].slice(0, LOOKED_AT).join('')
  if (SAYINGS.has(beginning.toLowerCase().replace(/[^\p{L}]/gu, ''))) return true
  const own = personal.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((word) => word.length >= 3)
  const joined = beginning.replace(/[\s._-]/g, '')
  return [...new Set([beginning, joined])].some((text) => estimator().check(text, ['onramp', ...own]).guessesLog10 < TRIES_LOG10)
}

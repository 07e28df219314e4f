import type { Random } from '../lib/sample/random.ts'

/** Text that nobody means well who sends it. */
export const hostileTexts: readonly string[] = [
  '', ' ', '0', '-1', '1.5', '1e9', '1e400', '2147483648', '4294967296', '9007199254740993', '999999999999999999', '99999999999999999999', '0x10', 'NaN', 'Infinity', '٣',
  'null', 'undefined', 'true', '[object Object]', '__proto__', 'constructor', 'toString', '-', '-started', '--started', 'desc', ',', ',,,', '.', '..',
  "' or 1=1 -- ", '"; drop table user; -- ', '1) union select passwordHash from user -- ', '%', '_', '\\', "\\'", '`', '${7*7}', '{{7*7}}', '%00', 'a\0b', '\x1b[31m',
  '../../../../etc/passwd', '..\\..\\windows\\win.ini', '/etc/passwd', 'file:///etc/passwd', '//evil.example', 'a\r\nset-cookie: onramp.session=x', '<script>alert(1)</script>',
  '\u202egpj.exe', '\ufeff', '\u2028', 'İstanbul', 'ﬁ', 'e\u0301', '🚗'.repeat(100), 'x'.repeat(5_000), '9'.repeat(400),
  '0000-00-00', '2025-02-30', '9999-12-31', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2025-01-01T00:00:00+23:59', '2025-01-01T00:00:00.123456789Z',
]

/** What no string is. */
const wrongTypes: readonly unknown[] = [null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, [], [[]], {}, { a: 1 }, ['x'], [null], JSON.parse('{"__proto__":{"admin":true}}'), JSON.parse('{"constructor":{"prototype":{}}}')]

const names = [
  'shop', 'status', 'partner', 'person', 'from', 'to', 'exceptions', 'sort', 'page', 'size', 'attempt', 'entity', 'code', 'column', 'severity', 'record', 'after', 'before',
  'causeEntity', 'causeRecord', 'verdict', 'q', 'slug', 'loadId', 'load', 'state', 'origin', 'offset', 'limit', 'delivery', 'who', 'action', 'object', 'id', 'resume', 'next',
  '__proto__', 'constructor', 'hasOwnProperty', 'x[y]', 'x[]', '',
]

export const encode = (text: string) => encodeURIComponent(text.toWellFormed())
/** Bytes that are no UTF-8, and a sign that says that it is encoded and is not. */
const broken: readonly string[] = ['%ff', '%ed%a0%80', '%c0%ae', '%', '%zz', '%u0041']

/** A query of a few names that some address knows, with values that none expects. */
export function hostileQuery(dice: Random): string {
  const pairs = Array.from({ length: dice.int(1, 4) }, () => `${encode(dice.of(names))}=${dice.chance(0.06) ? dice.of(broken) : encode(dice.of(hostileTexts))}`)
  return pairs.join('&')
}

/** The address with one of its parts replaced. */
export function hostilePath(dice: Random, address: string): string {
  const parts = address.split('?')[0]!.split('/')
  parts[dice.int(4, Math.max(4, parts.length - 1))] = dice.chance(0.1) ? dice.of(broken) : encode(dice.of(hostileTexts))
  return parts.join('/')
}

/** What may be left out somewhere, so that leaving it out is nothing wrong. */
const optional = new Set(['attempt', 'replace'])

/** The object with one field or more of another type, too large, missing or unknown: never what was declared. */
export function wrongObject(dice: Random, valid: Record<string, unknown>): unknown {
  const fields = Object.keys(valid)
  const object: Record<string, unknown> = { ...valid }
  for (const field of fields) if (dice.chance(0.3)) object[field] = dice.of(hostileTexts)
  const spoilt = dice.of(fields)
  if (dice.chance(0.15) && !optional.has(spoilt)) delete object[spoilt]
  else object[spoilt] = dice.chance(0.2) ? 'x'.repeat(20_000) : dice.of(wrongTypes.filter((value) => typeof value !== typeof valid[spoilt]))
  if (dice.chance(0.2)) object[dice.of(['role', 'id', 'userId', 'isAdmin', 'toString'])] = dice.of(wrongTypes)
  return dice.chance(0.1) ? dice.of(wrongTypes) : object
}

/** Bytes in place of a JSON body. */
export function hostileBytes(dice: Random): Buffer {
  return dice.of<() => Buffer>([
    () => Buffer.from('{"a":'), () => Buffer.alloc(0), () => Buffer.from([0x22, 0xff, 0x22]), () => Buffer.from('\ufeff{}'), () => Buffer.from('{"a":1}{"a":2}'), () => Buffer.from('NaN'),
    () => Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`), () => Buffer.from(`${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`), () => Buffer.alloc(70_000, 'x'), () => Buffer.alloc(200_000, '1'),
    () => Buffer.from(`"${'\\ud800'.repeat(50)}"`), () => Buffer.from('{"password":1e999}'), () => Buffer.from(Array.from({ length: 500 }, () => dice.int(0, 255))),
  ])()
}

/** Headers with values that none expects. */
export function hostileHeaders(dice: Random): Record<string, string> {
  const text = () => dice.of(['', '0', '-1', 'x'.repeat(3_000), '*/*;q=x', '%00', '../..', 'null', '{}', "' or 1=1", '\xff\xfe', ',,,', 'bytes=0-0,-1', 'gzip;q=2'])
  const pick = ['accept', 'accept-language', 'range', 'if-none-match', 'if-modified-since', 'last-event-id', 'x-forwarded-for', 'x-onramp-background', 'x-onramp-connection', 'x-onramp-path', 'x-nonce', 'upload-offset', 'upload-length', 'upload-metadata', 'upload-concat', 'upload-defer-length', 'tus-resumable', 'content-encoding', 'user-agent', 'x-http-method-override']
  return Object.fromEntries(Array.from({ length: dice.int(0, 4) }, () => [dice.of(pick), text()]))
}

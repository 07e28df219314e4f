import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { exceptionCodes } from '#lib/contract/codes.ts'
import { entities } from '#lib/contract/index.ts'
import { bundledSample, sharedSample } from './samples.ts'

const columns = {
  'customers.csv': { names: ['firstName', 'lastName', 'authorizerFirstName', 'authorizerLastName'], streets: ['streetAddress1'], phones: ['contactCell', 'contactWork', 'contactHome', 'authorizerPhone'] },
  'suppliers.csv': { names: ['contactPerson'], streets: ['streetAddress1'], phones: ['phoneNumber'] },
}
// Shorter ones are parts of too many words.
const LETTERS = 4
// Enough of a number to call somebody.
const DIGITS = 7

const letters = (text: string) => text.toLowerCase().match(/\p{L}+/gu) ?? []
const digits = (text: string) => text.replace(/\D/g, '').slice(-DIGITS)

/** What the people of the samples are called, where they live, and the last digits of their phones. */
function personal(): { names: Set<string>; streets: string[]; phones: Set<string> } {
  const names = new Set<string>()
  const streets = new Set<string>()
  const phones = new Set<string>()
  for (const folder of [bundledSample, sharedSample('small-real'), sharedSample('small-dirty')]) {
    for (const [file, kinds] of folder ? Object.entries(columns) : []) {
      for (const row of parse(readFileSync(path.join(folder!, file)), { columns: true, bom: true, relax_column_count: true, relax_quotes: true }) as Record<string, string | undefined>[]) {
        for (const column of kinds.names) for (const word of letters(row[column] ?? '')) names.add(word)
        for (const column of kinds.streets) streets.add((row[column] ?? '').toLowerCase())
        for (const column of kinds.phones) phones.add(digits(row[column] ?? ''))
      }
    }
  }
  // Codes and columns stand in addresses, and somebody is called Long.
  for (const word of [...exceptionCodes, ...entities.flatMap((e) => [e.name, ...Object.keys(e.columns)])].flatMap(letters)) names.delete(word)
  const long = (words: Iterable<string>, least: number) => [...words].filter((word) => word.length >= least)
  return { names: new Set(long(names, LETTERS)), streets: long(streets, DIGITS), phones: new Set(long(phones, DIGITS)) }
}

const known = personal()

/** What an address tells about a person: a name, an e-mail, a phone or a street. It stays in histories and in the logs of proxies. */
export function personalDataIn(address: string): string[] {
  const { pathname, search } = new URL(address)
  if (pathname.startsWith('/_next/static/')) return []
  const text = decoded(`${pathname}${search}`)
  return [...letters(text).filter((word) => known.names.has(word)), ...personalDataInLog(text)]
}

/** The same of a log, in which words that are names too stand for other things. */
export function personalDataInLog(log: string): string[] {
  const text = log.toLowerCase()
  return [
    ...(text.match(/[^\s/?&=@]+@[^\s/?&=@]+\.\p{L}+/gu) ?? []),
    ...(text.match(/\d[\d\s().-]{5,}\d/g) ?? []).filter((number) => known.phones.has(digits(number))),
    ...known.streets.filter((street) => text.includes(street)),
  ]
}

/** The text as people read it in an address. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

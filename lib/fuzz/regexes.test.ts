import path from 'node:path'
import { Script, createContext } from 'node:vm'
import { expect, test } from 'vitest'
import { checkOf } from '#lib/contract/column-types.ts'
import { entities } from '#lib/contract/index.ts'
import { hostileTexts, regexesIn, type FoundRegex } from './regexes.ts'

const root = path.join(import.meta.dirname, '../..')
const SLOWEST_MS = 50
// One long look decides; a machine that was busy elsewhere gets two more.
const LOOKS = 3
const GIVEN_UP_MS = 3_000

/** Patterns that never meet a long text, by what they are applied to. */
const bounded: Record<string, number> = {
  // Amounts and quantities from decimal columns.
  'components/invoices/invoice-lines.tsx 0+$': 40,
  'components/invoices/words.ts \\.?0+$': 40,
  // Cut to 500 characters just before.
  'lib/csv-export.ts ^[-.]+|[-.]+$': 1_000,
  // The name of a file that lies in a folder.
  'lib/jobs/deliver-folder.ts  +$': 255,
}

const script = new Script(`
  for (at = 0; at < texts.length; at++) {
    const started = now()
    run(texts[at])
    const ms = now() - started
    if (ms > slowest[0]) slowest = [ms, at]
  }`)

/** How long `run` takes over the slowest text, and which that is. What does not come to an end is stopped. */
function slowest(run: (text: string) => unknown, texts: readonly string[]): { ms: number; text: string } {
  const context = createContext({ run, texts, now: () => performance.now(), slowest: [0, -1], at: 0 })
  try {
    script.runInContext(context, { timeout: GIVEN_UP_MS })
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return { ms: GIVEN_UP_MS, text: texts[context.at as number]! }
  }
  const [ms, at] = context.slowest as [number, number]
  return { ms, text: texts[at] ?? '' }
}

function expectQuick(run: (text: string) => unknown, texts: readonly string[], what = ''): void {
  const { ms: first, text } = slowest(run, texts)
  let ms = first
  for (let look = 1; look < LOOKS && ms > SLOWEST_MS; look++) ms = Math.min(ms, slowest(run, [text]).ms)
  expect(ms, `${what} over ${text.length} characters like ${JSON.stringify(text.slice(0, 12))} … ${JSON.stringify(text.slice(-4))}`).toBeLessThan(SLOWEST_MS)
}

const found = regexesIn(root, ['app', 'components', 'lib', 'workers'])
const nameOf = ({ file, source }: FoundRegex) => `${file} ${source}`

test('the patterns of the sources are found', () => {
  expect(found.length).toBeGreaterThan(80)
  expect(found.map((r) => r.source)).toContain('^[A-HJ-NPR-Z0-9]{17}$')
  for (const { source, flags } of found) expect(() => new RegExp(source, flags), source).not.toThrow()
  expect(Object.keys(bounded).filter((name) => !found.some((r) => nameOf(r) === name)), 'patterns that are no longer there').toEqual([])
})

test.each(found.map((regex) => [nameOf(regex), regex] as const))('no text keeps %s busy', { timeout: 60_000 }, (name, regex) => {
  const pattern = new RegExp(regex.source, regex.flags)
  expectQuick((text) => text.replace(pattern, ''), hostileTexts(regex, bounded[name]))
})

test('no cell keeps the check of its column busy', { timeout: 60_000 }, () => {
  const texts = hostileTexts({ file: '', source: '', flags: '' })
  const columns = new Map(entities.flatMap((e) => Object.entries(e.columns).map(([name, column]) => [JSON.stringify(column), [`${e.name}.${name}`, column]] as const)))
  for (const [name, column] of columns.values()) expectQuick(checkOf(column, { timeZone: 'America/New_York', currentYear: 2025 }), texts, name)
})

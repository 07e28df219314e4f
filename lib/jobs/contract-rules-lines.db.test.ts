import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entityOf } from '#lib/contract/index.ts'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { parsed, rows, sql } from '#lib/ingest/sql/sql.ts'
import { testInstallation, told, type Cells, type Loaded, type TestShop } from './testing.ts'

const { newShop, runner } = await testInstallation()

const { key: KEY } = entityOf('line_item')
/** `['L2', 'L1']` is line L2 below line L1; the third names the invoice, I1 if none is given. */
type Line = readonly [key: string, parent?: string, invoice?: string]
const lines = (all: readonly Line[]): Cells[] => all.map(([key, parent = '', invoice = 'I1']) => ({ [KEY]: key, externalParentDatalineId: parent, externalDocumentId: invoice }))
const invoice = ['I1', 'I2'].map((externalDocumentId) => ({ externalDocumentId, externalCustomerId: 'C1' }))
const load = (shop: TestShop, all: readonly Line[], loadId?: string) => shop.load({ invoice, line_item: lines(all) }, { loadId })

/** Which line each line hangs on in production, by key. */
async function tree(shop: TestShop): Promise<Record<string, string | null>> {
  const found = await shop.rows('line_item')
  const keys = new Map(found.map((line) => [line.id, String(line[KEY])]))
  return Object.fromEntries(found.map((line) => [line[KEY], line.parentLineItemId === null ? null : keys.get(Number(line.parentLineItemId))!]))
}
const warned = (loaded: Loaded) => told(loaded, 'line_item', 'warning').map(([key, , code]) => `${key} ${code}`)

/** Loads the lines as a shop's first ones and as later ones, which must come out the same; gives the first load, and what staging found out about it. */
async function asLater(line_item: Cells[]): Promise<{ one: Loaded; facts: { late: boolean; repeats: boolean } }> {
  const [first, later] = [newShop(), newShop()]
  await later.load({ invoice, line_item: lines([['known before']]) }, { loadId: 'before' })
  const [one, other] = [await first.load({ invoice, line_item }), await later.load({ invoice, line_item })]
  const { 'known before': _, ...grown } = await tree(later)
  expect(await tree(first)).toEqual(grown)
  expect([warned(one), told(one, 'line_item', 'error')]).toEqual([warned(other), told(other, 'line_item', 'error')])
  expect(one.report.entities.line_item).toEqual(other.report.entities.line_item)
  const [staged] = await rows<{ facts: string }>(runner.db, sql`select facts from staged_file where entity = 'line_item' and loadId = ${one.loadId}`)
  return { one, facts: parsed<{ late: boolean; repeats: boolean }>(staged!.facts) }
}

describe('Rule 20: a line’s parent is a line of the same invoice', () => {
  test('that comes before or later in the file', async () => {
    const shop = newShop()
    const loaded = await load(shop, [['L1', 'L3'], ['L2', 'L1'], ['L3'], ['L4', 'L3'], ['L5', 'L6'], ['L6', 'L7'], ['L7']])
    expect(loaded.report).toMatchObject({ status: 'completed', exceptionsTotal: 0 })
    expect(await tree(shop)).toEqual({ L1: 'L3', L2: 'L1', L3: null, L4: 'L3', L5: 'L6', L6: 'L7', L7: null })
  })

  test.each([['backward', (i: number) => i - 1], ['forward', (i: number) => i + 1]])('in a chain of 5,000 lines that point %s', async (_, of) => {
    const shop = newShop()
    const all = Array.from({ length: 5000 }, (_, i): Line => [`L${i}`, of(i) >= 0 && of(i) < 5000 ? `L${of(i)}` : ''])
    const loaded = await load(shop, all)
    expect(loaded.report).toMatchObject({ status: 'completed', exceptionsTotal: 0, entities: { line_item: { inserted: 5000 } } })
    expect(await tree(shop)).toEqual(Object.fromEntries(all.map(([key, parent]) => [key, parent || null])))
  })

  test('that was imported before, while this load has only the child', async () => {
    const shop = newShop()
    await load(shop, [['L1']])
    const loaded = await load(shop, [['L2', 'L1']])
    expect(warned(loaded)).toEqual([])
    expect(await tree(shop)).toEqual({ L1: null, L2: 'L1' })
  })

  test('or the link is empty, with a warning: unknown, rejected, of another invoice, itself', async () => {
    const shop = newShop()
    const loaded = await shop.load({
      invoice, line_item: [...lines([['L1', 'L9'], ['L2', 'L2'], ['L3', 'L4'], ['L4', '', 'I2'], ['L5', 'L6'], ['L8', 'L1 ']]), { [KEY]: 'L6', externalDocumentId: 'I1', lineNumber: 'x' }],
    })
    expect(loaded.report).toMatchObject({ status: 'completed_with_exceptions', entities: { line_item: { accepted: 6, rejected: 1, warnings: 5 } } })
    expect(warned(loaded)).toEqual(['L1 parent_missing', 'L2 parent_is_itself', 'L3 parent_of_other_invoice', 'L5 parent_missing', 'L8 parent_missing'])
    expect(await tree(shop)).toEqual({ L1: null, L2: null, L3: null, L4: null, L5: null, L8: null })
  })

  test('of another invoice imported before is no parent either', async () => {
    const shop = newShop()
    await load(shop, [['L1', '', 'I2']])
    expect(warned(await load(shop, [['L2', 'L1']]))).toEqual(['L2 parent_of_other_invoice'])
    expect(await tree(shop)).toMatchObject({ L2: null })
  })

  test('the line of another shop with the same key is no parent', async () => {
    const [one, other] = [newShop(), newShop()]
    await load(one, [['L1']])
    expect(warned(await load(other, [['L2', 'L1']]))).toEqual(['L2 parent_missing'])
  })

  test('a link of each cycle’s members is empty; what hangs on the cycle keeps its link', async () => {
    const shop = newShop()
    const loaded = await load(shop, [
      ['A1', 'A2'], ['A2', 'A1'], // two
      ['B1', 'B2'], ['B2', 'B3'], ['B3', 'B1'], ['B4', 'B1'], ['B5', 'B4'], // three, with a tail
      ['D1', 'D2', 'I2'], ['D2', 'D1', 'I2'], ['E1', 'E2'], ['E2'],
    ])
    expect(loaded.report.status).toBe('completed')
    expect(warned(loaded)).toEqual(['A1', 'A2', 'B1', 'B2', 'B3', 'D1', 'D2'].map((key) => `${key} parent_cycle`))
    expect(await tree(shop)).toEqual({ A1: null, A2: null, B1: null, B2: null, B3: null, B4: 'B1', B5: 'B4', D1: null, D2: null, E1: 'E2', E2: null })
  })

  test('a cycle of 5,000 lines is found', async () => {
    const loaded = await load(newShop(), Array.from({ length: 5000 }, (_, i): Line => [`L${i}`, `L${(i + 1) % 5000}`]))
    expect(loaded.report).toMatchObject({ status: 'completed', entities: { line_item: { accepted: 5000, warnings: 5000 } } })
  })

  test('a cycle over two loads is broken where it would be closed', async () => {
    const shop = newShop()
    await load(shop, [['L1', 'L2'], ['L2', 'L3'], ['L3']])
    const loaded = await load(shop, [['L3', 'L1']])
    expect(warned(loaded)).toEqual(['L3 parent_cycle'])
    expect(await tree(shop)).toEqual({ L1: 'L2', L2: 'L3', L3: null })
  })

  test('a repeated key hangs where its last row says, and cycles are judged by last rows', async () => {
    const shop = newShop()
    const loaded = await load(shop, [['L1', 'L2'], ['L2', 'L1'], ['L2']])
    expect(warned(loaded)).toEqual(['L2 duplicate_key'])
    expect(await tree(shop)).toEqual({ L1: 'L2', L2: null })
  })

  test('a line whose parent’s key comes again hangs on the last row of the key, or on none when that one is left out', async () => {
    const shop = newShop()
    const loaded = await shop.load({
      invoice,
      line_item: [
        ...lines([['A', ''], ['under A', 'A'], ['B', ''], ['under B', 'B'], ['A', ''], ['C', ''], ['C', '']]).map((cells, i) => ({ ...cells, lineNumber: String(i) })),
        { ...lines([['B']])[0]!, externalDocumentId: '' },
        ...lines([['late under B', 'B'], ['D'], ['other', '', 'I2'], ['under D', 'D'], ['under C', 'C']]),
      ],
    })
    expect(await tree(shop)).toEqual({ A: null, 'under A': 'A', 'under B': null, 'late under B': null, C: null, D: null, other: null, 'under D': 'D', 'under C': 'C' })
    expect((await shop.rows('line_item')).find((line) => line[KEY] === 'A')).toMatchObject({ lineNumber: 4 })
    expect(warned(loaded)).toEqual(expect.arrayContaining(['under B parent_missing', 'late under B parent_missing']))
  })

  test('a line whose own invoice is missing takes its children with it, and they are told of the invoice', async () => {
    const shop = newShop()
    const loaded = await load(shop, [['A', '', 'gone'], ['under A', 'A', 'gone'], ['B'], ['under B', 'B']])
    expect(await tree(shop)).toEqual({ B: null, 'under B': 'B' })
    expect(told(loaded, 'line_item', 'error').map(([key, , code]) => `${key} ${code}`)).toEqual(['A parent_missing', 'under A parent_missing'])
  })

  test('a shop’s first load links the same lines as a later one, whatever their order, repeats, circles and refusals', { timeout: timesMs(60_000) }, async () => {
    const keyOf = fc.nat(49).map((n) => `L${n}`)
    const line = fc.record({
      parent: fc.oneof({ weight: 2, arbitrary: keyOf }, fc.constant('')), lineNumber: fc.constantFrom('1', '1', '1', '1', '1', '2', 'x'),
      // Lines of an invoice stand together as a rule.
      invoice: fc.constantFrom(...Array<string>(8).fill('same'), 'I1', 'I2', 'gone'),
    })
    const keys = fc.oneof(fc.uniqueArray(keyOf, { minLength: 50, maxLength: 50 }), fc.array(keyOf, { minLength: 50, maxLength: 50 }))
    const file = fc.tuple(keys, fc.array(line, { minLength: 50, maxLength: 50 })).map(([all, made]) => {
      let at = 'I1'
      return made.map(({ parent, lineNumber, invoice: next }, i): Cells => {
        if (next !== 'same') at = next
        return { [KEY]: all[i]!, externalParentDatalineId: parent, externalDocumentId: at, lineNumber }
      })
    })
    const seen = { late: 0, repeats: 0 }
    await fc.assert(fc.asyncProperty(file, async (line_item) => {
      const { facts } = await asLater(line_item)
      if (facts.late) seen[facts.repeats ? 'repeats' : 'late']++
    }), runs(12))
    expect(Math.min(seen.late, seen.repeats)).toBeGreaterThan(0)
  })

  test('the same of a file that is written in more than one part: lines hang, repeat and are refused across their borders', { timeout: timesMs(60_000) }, async () => {
    const BORDER = 131_072
    const line_item = Array.from({ length: BORDER + 4000 }, (_, i): Cells => {
      const record = i + 1
      const near = Math.abs(record - BORDER) < 40
      const odd = near ? (record + 5) % 7 : record % 997
      return {
        [KEY]: odd === 3 && record !== BORDER + 1 ? `L${record - 31}` : `L${record}`,
        externalParentDatalineId: odd === 1 || record === BORDER ? `L${record + 1}` : odd === 5 ? `L${record - 2}` : record % 2000 === 0 ? `L${BORDER + (record % 50)}` : '',
        externalDocumentId: odd === 4 ? 'gone' : 'I1', lineNumber: odd === 6 ? 'x' : '1',
      }
    })
    const { one, facts } = await asLater(line_item)
    const orphans = line_item.filter((line) => line.externalDocumentId === 'gone' && line.lineNumber === '1').length
    const [written] = await rows<{ counts: string }>(runner.db, sql`select step.counts from step join attempt on attempt.id = step.attemptId where attempt.loadId = ${one.loadId} and step.name = 'write' and step.entity = 'line_item'`)
    expect(parsed(written!.counts)).toMatchObject({ orphans })
    expect(one.report.entities.line_item).toMatchObject({ records: line_item.length, rejected: line_item.filter((line) => line.externalDocumentId === 'gone' || line.lineNumber === 'x').length })
    expect(facts).toMatchObject({ late: true, repeats: true })
  })

  test('a rerun says the same and writes nothing, also about cycles', async () => {
    const shop = newShop()
    const all: Line[] = [['L1', 'L2'], ['L2', 'L1'], ['L3', 'L9'], ['L4', 'L4'], ['L5', 'L6'], ['L6', '', 'I2'], ['L7', 'L1']]
    const first = await load(shop, all, 'L')
    const before = await shop.rows('line_item')
    const again = await shop.loadFolder(first.folder)
    expect(again.report.exceptions).toEqual(first.report.exceptions)
    expect(again.report.entities.line_item).toMatchObject({ inserted: 0, updated: 0, unchanged: 7 })
    const later = await load(shop, all)
    expect(later.report.exceptions).toEqual(first.report.exceptions)
    expect(later.report.entities.line_item).toMatchObject({ inserted: 0, updated: 0, unchanged: 7 })
    expect(await shop.rows('line_item')).toEqual(before)
  })

  test('a changed line is hung anew, taken off, or moved to another invoice', async () => {
    const shop = newShop()
    await load(shop, [['L1'], ['L2', 'L1'], ['L3', 'L1'], ['L4'], ['M1', '', 'I2']])
    const loaded = await load(shop, [['L1'], ['L2', 'L4'], ['L3'], ['L4', 'M1', 'I2'], ['M1', '', 'I2']])
    // L4 has moved to the other invoice, so L2 has no parent there any more.
    expect(warned(loaded)).toEqual(['L2 parent_of_other_invoice'])
    expect(await tree(shop)).toEqual({ L1: null, L2: null, L3: null, L4: 'M1', M1: null })
  })

  test('a line that moves to another invoice leaves the lines behind that hung on it, sent again or not', async () => {
    const shop = newShop()
    await load(shop, [['L1'], ['sent', 'L1'], ['not sent', 'L1'], ['moves along', 'L1'], ['below', 'sent']])
    const before = await shop.byKey('line_item')
    const loaded = await load(shop, [['sent', 'L1'], ['L1', '', 'I2'], ['moves along', 'L1', 'I2']])
    expect(warned(loaded)).toEqual(['sent parent_of_other_invoice'])
    expect(await tree(shop)).toEqual({ L1: null, sent: null, 'not sent': null, 'moves along': 'L1', below: 'sent' })
    expect(loaded.report.entities.line_item).toMatchObject({ updated: 2, unchanged: 1 })
    // The rows stay as they are but for that link, which is kept with what they were before.
    const after = await shop.byKey('line_item')
    for (const key of ['sent', 'not sent']) expect(after.get(key)).toEqual({ ...before.get(key), parentLineItemId: null })
    const kept = await rows<{ sourceKey: string; parent: string }>(runner.db, sql`select cast(sourceKey as char) as sourceKey, json_value(\`before\`, '$.parentLineItemId') as parent
      from row_change join attempt on attempt.id = row_change.attemptId where attempt.loadId = ${loaded.loadId} order by sourceKey`)
    expect(kept.map((change) => change.sourceKey)).toEqual(['L1', 'moves along', 'not sent', 'sent'])
    expect(kept.slice(1).map((change) => Number(change.parent))).toEqual(Array.from({ length: 3 }, () => before.get('L1')!.id))
    const again = await shop.loadFolder(loaded.folder)
    expect(warned(again)).toEqual(['sent parent_of_other_invoice'])
    expect(await shop.byKey('line_item')).toEqual(after)
  })

  test('a rerun that moves a line leaves lines behind that the same load brought, and they count as unchanged', async () => {
    const shop = newShop()
    const [here] = invoice
    const line = (key: string, parent = '', at = 'I1'): Cells => ({ ...lines([[key, parent, at]])[0], total: '2.00' })
    await shop.load({ invoice: [here!], line_item: [line('L1')] })
    const first = await shop.load({ invoice: [here!], line_item: [line('L1', '', 'I2'), line('child', 'L1')] })
    expect(told(first, 'line_item', 'error')).toEqual([['L1', 'externalDocumentId', 'parent_missing']])
    expect(await tree(shop)).toEqual({ L1: null, child: 'L1' })
    await shop.load({ invoice })
    const again = await shop.loadFolder(first.folder)
    expect(again.report).toMatchObject({ status: 'completed', entities: { line_item: { inserted: 0, updated: 1, unchanged: 1 } }, money: { 'line_item.total': { file: '4.00', accepted: '4.00', production: '4.00' } } })
    expect(warned(again)).toEqual(['child parent_of_other_invoice'])
    expect(await tree(shop)).toEqual({ L1: null, child: null })
  })
})

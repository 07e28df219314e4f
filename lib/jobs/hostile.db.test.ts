import { describe, expect, test } from 'vitest'
import { entities, entityNames, type EntityName } from '#lib/contract/index.ts'
import { codePoints } from '#lib/contract/column-types.ts'
import { brokenPackage } from '#lib/fuzz/mutations.ts'
import { random } from '#lib/sample/random.ts'
import { csvOf, problemsOf, testInstallation, type Cells, type Loaded, type TestShop } from './testing.ts'

const { newShop, stagingTables } = await testInstallation()

const PACKAGES = 300
const AT_ONCE = 4
const SEED = Number(process.env.SEED ?? 20_251_120)

/** Whatever was sent: every record is accounted for, and production holds what was accepted or nothing at all. */
async function accountedFor(shop: TestShop, { report, loadId }: Loaded): Promise<void> {
  const counts = await shop.counts()
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12)
  if (report.status === 'failed_validation') {
    expect(report.failure!.problems.length).toBeGreaterThan(0)
    expect(await stagingTables(loadId)).toEqual([])
    for (const name of entityNames) expect(counts[name]).toBe(0)
    return
  }
  expect(report.failure).toBeNull()
  expect(['completed', 'completed_with_exceptions']).toContain(report.status)
  for (const name of entityNames) {
    const c = report.entities[name]
    expect(c.manifest).toBe(c.records)
    expect(c.records).toBe(c.staged)
    expect(c.records).toBe(c.accepted + c.rejected + c.superseded + c.identical)
    expect(c.accepted).toBe(c.inserted + c.updated + c.unchanged)
    expect(counts[name]).toBe(c.accepted)
    const of = report.exceptions.filter((x) => x.entity === name && x.record !== null)
    const rejected = new Set(of.filter((x) => x.severity === 'error').map((x) => x.record))
    expect(rejected.size).toBe(c.rejected)
    expect(of.filter((x) => x.code === 'duplicate_key')).toHaveLength(c.superseded)
    for (const x of of.filter((w) => w.severity === 'warning')) expect(rejected.has(x.record)).toBe(false)
  }
  for (const x of report.exceptions) expect(x.message).not.toMatch(/undefined|NaN|\[object/)
}

test(`${PACKAGES} broken packages are refused or loaded whole, and every record is accounted for`, { timeout: 600_000 }, async () => {
  const statuses = new Map<string, number>()
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = next++; i < PACKAGES; i = next++) {
      const shop = newShop()
      try {
        const loaded = await shop.load(brokenPackage(random(SEED, i)))
        statuses.set(loaded.report.status, (statuses.get(loaded.report.status) ?? 0) + 1)
        await accountedFor(shop, loaded)
        if (i % 10 !== 0 || loaded.report.failure) continue
        const again = await shop.loadFolder(loaded.folder)
        expect(again.report.exceptions).toEqual(loaded.report.exceptions)
        for (const name of entityNames) expect(again.report.entities[name]).toMatchObject({ inserted: 0, updated: 0, unchanged: loaded.report.entities[name].accepted })
      } catch (error) {
        throw new Error(`SEED=${SEED} package ${i}`, { cause: error })
      }
    }
  }))
  // Enough of them must get through the door, or nothing behind it was tried.
  expect(statuses.get('completed_with_exceptions')).toBeGreaterThan(PACKAGES / 4)
  expect(statuses.get('failed_validation')).toBeGreaterThan(PACKAGES / 20)
})

const rowsOf: Record<EntityName, Cells> = {
  customer: { externalCustomerId: 'C1' }, vehicle: { externalVehicleId: 'V1', externalCustomerId: 'C1' }, invoice: { externalDocumentId: 'I1', externalCustomerId: 'C1' },
  line_item: { externalDatalineId: 'L1', externalDocumentId: 'I1' }, payment: { externalPaymentId: 'P1', externalDocumentId: 'I1', paymentAmount: '1' },
  inventory_part: { externalPartId: 'X1', partNumber: 'N' }, supplier: { externalSupplierId: 'S1', supplierName: 'N' },
}

describe('size', () => {
  test.each([[400, '😀'.repeat(40)], [1900, 'é']])('%d unknown columns beside every known one, each filled, are kept in every file', async (columns, cell) => {
    const shop = newShop()
    // The most columns in one file, fewer in all.
    const filled = entities.filter((e) => columns < 1000 || e.name === 'customer').map((e) => {
      const known = Object.entries(e.columns).map(([name, c]) => [name, c.type === 'string' ? [...cell.repeat(20)].slice(0, c.maxLength).join('') : ''] as const)
      const more = Array.from({ length: columns }, (_, i) => [`column ${i}`, `${cell}${i}`] as const)
      return [e.name, [{ ...Object.fromEntries([...known, ...more]), ...rowsOf[e.name] }]] as const
    })
    // The link to a line that does not exist is all there is to say about a row.
    const { report } = await shop.load(Object.fromEntries(filled))
    expect(report.exceptions.filter((x) => x.severity === 'error')).toEqual([])
    expect(await shop.counts()).toMatchObject(Object.fromEntries(filled.map(([name]) => [name, 1])))
    expect(report.exceptions.filter((x) => x.code === 'unknown_column')).toHaveLength(filled.length * columns)
  })

  test('more columns than can be read are refused with their number', async () => {
    const header = ['externalSupplierId', 'supplierName', ...Array.from({ length: 2000 }, (_, i) => `c${i}`)].join(',')
    expect(problemsOf(await newShop().load({ supplier: { bytes: `${header}\n`, rows: 0 } }))).toEqual([['suppliers.csv', 'too_many_columns']])
  })

  test.each([1, 10])('a cell of %d MB is refused as too long, and the row beside it comes in', async (megabytes) => {
    const shop = newShop()
    const big = 'é\\"\n'.repeat(Math.floor(megabytes * 1_000_000 / 5))
    const { report } = await shop.load({ supplier: [{ externalSupplierId: 'S1', supplierName: big }, { externalSupplierId: 'S2', supplierName: 'x', city: 'y' }] })
    expect(report.exceptions.map((x) => [x.key, x.column, x.code])).toEqual([['S1', 'supplierName', 'too_long']])
    expect(report.exceptions[0]!.message).toContain(`the text has ${codePoints(big)} characters`)
    expect((await shop.rows('supplier')).map((s) => s.externalSupplierId)).toEqual(['S2'])
  })

  test('the largest cell that a file may have is staged, known or not, whole or misshapen', async () => {
    const big = 'x'.repeat(16 * 1024 * 1024 - 20)
    const { report } = await newShop().load({
      customer: { bytes: `externalCustomerId,Notes\nC1,${big}\nC2,y\n`, rows: 2 }, supplier: { bytes: `externalSupplierId,supplierName\nS1,"x"y${big.slice(10)}\nS2,y\n`, rows: 2 },
      inventory_part: { bytes: csvOf([{ externalPartId: 'X1', partNumber: 'N', ...Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`u${i}`, i === 69 ? '\u0001'.repeat(5_000_000) : ''])) }]), rows: 1 },
    })
    expect(report.entities).toMatchObject({ customer: { accepted: 2 }, supplier: { accepted: 1, rejected: 1 }, inventory_part: { accepted: 1 } })
  })

  test('a record longer than that is refused with its line', async () => {
    const { report } = await newShop().load({ supplier: { bytes: `externalSupplierId,supplierName\nS1,x\nS2,${'x'.repeat(16 * 1024 * 1024)}\n`, rows: 2 } })
    expect(report.failure!.problems).toMatchObject([{ code: 'record_too_large', line: 3 }])
  })

  test('a row may break every rule at once', async () => {
    const row = Object.fromEntries(Object.keys(entities[2]!.columns).map((name) => [name, 'x'.repeat(3000)]))
    const { report } = await newShop().load({ invoice: [row, { ...row, externalDocumentId: 'I1' }] })
    expect(report.entities.invoice).toMatchObject({ rejected: 2 })
    expect(report.exceptionsTotal).toBeGreaterThan(60)
  })
})

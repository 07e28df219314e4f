import { describe, expect, test } from 'vitest'
import { entities, entityNames, type EntityName } from '#lib/contract/index.ts'
import { codePoints } from '#lib/contract/column-types.ts'
import { brokenPackage } from '#lib/fuzz/mutations.ts'
import { SEED } from '#lib/fuzz/seed.ts'
import { times, timesMs } from '#lib/fuzz/times.ts'
import { random } from '#lib/sample/random.ts'
import { accountedFor } from './testing-accounts.ts'
import { csvOf, problemsOf, testInstallation, type Cells } from './testing.ts'

const installation = await testInstallation()
const { newShop } = installation

const PACKAGES = times(300)
const AT_ONCE = 4

test(`${PACKAGES} broken packages are refused or loaded whole, and every record and every cent is accounted for (SEED=${SEED})`, { timeout: timesMs(600_000) }, async () => {
  const statuses = new Map<string, number>()
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = next++; i < PACKAGES; i = next++) {
      const shop = newShop()
      try {
        const loaded = await shop.load(brokenPackage(random(SEED, i)))
        statuses.set(loaded.report.status, (statuses.get(loaded.report.status) ?? 0) + 1)
        await accountedFor(installation, shop, loaded)
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

  test.each([-2, -1, 0, 1, 2])('a row whose line is %i bytes longer than one packet of the protocol is staged like any other', async (more) => {
    // What stands around the text in the line of a record that could not be split into cells.
    const AROUND = '1\t2\t1\t0\t0\t\\N\t\\N\t\\N\t\n'.length
    const text = `S1,"x"y`.padEnd(2 ** 24 - 1 - AROUND + more, 'x')
    const { report } = await newShop().load({ supplier: { bytes: `externalSupplierId,supplierName\n${text}\nS2,y\n`, rows: 2 } })
    expect(report.entities.supplier).toMatchObject({ accepted: 1, rejected: 1 })
  })

  test('a record longer than that is refused with its line', async () => {
    const { report } = await newShop().load({ supplier: { bytes: `externalSupplierId,supplierName\nS1,x\nS2,${'x'.repeat(16 * 1024 * 1024)}\n`, rows: 2 } })
    expect(report.failure!.problems).toMatchObject([{ code: 'record_too_large', line: 3 }])
  })

  test('of very many rows of one key the last one counts, and each of the others is named', async () => {
    // Of more than 87,381 keys the notes are in a file.
    const SAME = 90_000
    const shop = newShop()
    const rows = Array.from({ length: SAME }, (_, i) => `I1,C1,${i % 100}.25`)
    const loaded = await shop.load({ customer: [rowsOf.customer], invoice: { bytes: `externalDocumentId,externalCustomerId,total\n${rows.join('\n')}\nI1,C1,7.50\nI1,C1,7.50\n`, rows: SAME + 2 } })
    expect(loaded.report.entities.invoice).toMatchObject({ records: SAME + 2, accepted: 1, rejected: 0, superseded: SAME, identical: 1 })
    expect((await shop.rows('invoice')).map((invoice) => invoice.total)).toEqual(['7.50'])
    await accountedFor(installation, shop, loaded)
  })

  test('a row may break every rule at once', async () => {
    const row = Object.fromEntries(Object.keys(entities[2]!.columns).map((name) => [name, 'x'.repeat(3000)]))
    const { report } = await newShop().load({ invoice: [row, { ...row, externalDocumentId: 'I1' }] })
    expect(report.entities.invoice).toMatchObject({ rejected: 2 })
    expect(report.exceptionsTotal).toBeGreaterThan(60)
  })
})

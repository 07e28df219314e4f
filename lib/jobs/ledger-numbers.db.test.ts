import type { RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { testInstallation } from './testing.ts'

const { connection, newShop } = await testInstallation()

async function shown(loadId: number) {
  const [[load]] = await connection.query<RowDataPacket[]>('select records, errors, warnings, seconds > 0 as took, currentAttempt from `load` where id = ?', [loadId])
  return load!
}

test('a load carries the numbers of the attempt in production, whatever was tried after it', async () => {
  const shop = newShop()
  const folder = shop.write({ customer: [{ externalCustomerId: 'C1' }, { externalCustomerId: 'C2', defaultLaborRate: 'much' }, { externalCustomerId: 'C3', contactEmail: 'nobody' }] }, { loadId: 'L' })
  const { loadId } = await shop.loadFolder(folder)
  const numbers = { records: 3, errors: 1, warnings: 1, took: 1 }
  expect(await shown(loadId)).toMatchObject({ ...numbers, currentAttempt: 1 })
  await shop.loadFolder(folder, { dryRun: true })
  expect(await shown(loadId)).toMatchObject({ ...numbers, currentAttempt: 2 })
  await shop.loadFolder(shop.write({ customer: [{ externalCustomerId: 'C9' }] }, { loadId: 'L' }))
  expect(await shown(loadId)).toMatchObject({ ...numbers, currentAttempt: 3 })
})

test('a load that failed carries the numbers of its latest attempt, and one that never ran none', async () => {
  const shop = newShop()
  const failed = await shop.load({ customer: { bytes: 'externalCustomerId\nC1\n', rows: 7 } })
  expect(await shown(failed.loadId)).toMatchObject({ records: 0, errors: 0, warnings: 0 })
  const waiting = await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }] }))
  expect(await shown(waiting)).toMatchObject({ records: null, errors: null, warnings: null, took: null })
})

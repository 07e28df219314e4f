import { expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { testInstallation } from '#lib/jobs/testing.ts'
import { stoppedRows } from './stopped.ts'

const viewer: CurrentUser = { id: '1', email: 'viewer@onramp.example', name: 'Vi', role: 'viewer', partnerId: null }
const { newShop, connection } = await testInstallation()
const customers = (...keys: string[]) => keys.map((externalCustomerId) => ({ externalCustomerId }))

test('rows whose keys a later load no longer holds are listed with our ids; one that is sent and left out is not', async () => {
  const shop = newShop()
  await shop.load({ customer: customers('A', 'B', 'C '), supplier: [{ externalSupplierId: 'S1', supplierName: 'One' }, { externalSupplierId: 'S2', supplierName: 'Two' }] })
  const known = await shop.byKey('customer')
  const { loadId } = await shop.load({ customer: customers('A', 'C'), supplier: [{ externalSupplierId: 'S1', supplierName: '' }, { externalSupplierId: 'S2', supplierName: 'Two' }] })
  expect((await stoppedRows(viewer, String(loadId), 'customer', 1)).rows).toEqual([
    { key: 'B', id: String(known.get('B')!.id) }, { key: 'C ', id: String(known.get('C ')!.id) }])
  expect(await stoppedRows(viewer, String(loadId), 'supplier', 1)).toMatchObject({ total: 0, rows: [] })
})

test('a rerun lists the same rows once more, and a purged list says since when', async () => {
  const shop = newShop()
  await shop.load({ customer: customers('A', 'B') })
  const { loadId, folder } = await shop.load({ customer: customers('A') })
  await shop.loadFolder(folder)
  expect(await stoppedRows(viewer, String(loadId), 'customer', 1)).toMatchObject({ total: 1, rows: [{ key: 'B' }], purgedAt: null })
  await connection.query('update staged_file set purgedAt = now(3) where loadId = ?', [loadId])
  expect(await stoppedRows(viewer, String(loadId), 'customer', 1)).toMatchObject({ total: 0, rows: [], purgedAt: expect.any(String) })
})

test('a load or an entity that is not there has no list', async () => {
  await expect(stoppedRows(viewer, '999999', 'customer', 1)).rejects.toThrow('does not exist')
  await expect(stoppedRows(viewer, '1', 'nothing', 1)).rejects.toThrow('does not exist')
})

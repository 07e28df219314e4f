import { expect, test } from 'vitest'
import type { LedgerFilter, LedgerSort } from '#lib/data/load-ledger-sql.ts'
import { ledgerDownloadQuery } from '#lib/data/load-query.ts'
import { ledgerCsvHref } from './addresses.ts'

const nothing: LedgerFilter = { status: [], partner: null, shop: null, person: null, from: null, to: null, exceptions: null }

test.each<[LedgerFilter, LedgerSort]>([
  [nothing, { by: 'started', descending: true }],
  [{ status: ['failed', 'cancelled'], partner: '3', shop: '14', person: '15', from: new Date('2026-01-02T05:00:00Z'), to: new Date('2026-01-09T05:00:00Z'), exceptions: 'none' }, { by: 'rows', descending: false }],
])('the address of the download asks for exactly what the list shows', (filter, sort) => {
  const { pathname, searchParams } = new URL(ledgerCsvHref(filter, sort), 'http://onramp.test')
  expect(pathname).toBe('/api/v1/loads/csv')
  expect(ledgerDownloadQuery.parse(Object.fromEntries(searchParams))).toEqual({ filter, sort })
})

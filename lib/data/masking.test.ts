import { expect, test } from 'vitest'
import { entities } from '#lib/contract/index.ts'
import { isPersonal, mask, seesMasked, shownTo } from './masking.ts'

const viewer = { role: 'viewer' } as const

test('a viewer sees the first character of personal values, everybody else sees them whole', () => {
  expect(shownTo(viewer, 'customer', 'firstName', 'Jane')).toBe('J•••')
  expect(shownTo(viewer, 'customer', 'contactEmail', 'jane@shop.example')).toBe('j•••')
  expect(shownTo(viewer, 'vehicle', 'vin', '1FTFW1ET5DFC10312')).toBe('1•••')
  for (const role of ['support', 'engineer', 'admin'] as const) expect(shownTo({ role }, 'customer', 'firstName', 'Jane')).toBe('Jane')
})

test('what is not personal is shown to viewers too', () => {
  expect(shownTo(viewer, 'customer', 'defaultLaborRate', '12,34')).toBe('12,34')
  expect(shownTo(viewer, 'invoice', 'externalCustomerId', 'C-881')).toBe('C-881')
  expect(shownTo(viewer, 'vehicle', 'make', 'Ford')).toBe('Ford')
})

test('every phone number, e-mail address and VIN of the contract is personal, and every name, address and note', () => {
  const all = entities.flatMap((e) => Object.entries(e.columns).map(([name, column]) => ({ entity: e.name, name, column })))
  const telling = all.filter(({ name, column }) =>
    (column.type === 'string' && column.format) || /firstName|lastName|address|person|writerName|technicianName|note|plate$|phone|zip/i.test(name))
  expect(telling.length).toBeGreaterThan(20)
  for (const { entity, name } of telling) {
    if (name !== 'website') expect([entity, name, isPersonal(entity, name)]).toEqual([entity, name, true])
  }
})

test('columns that the contract does not know and values of no column are taken for personal', () => {
  expect(isPersonal('customer', 'loyaltyTier')).toBe(true)
  expect(isPersonal('customer', '__proto__')).toBe(true)
  expect(isPersonal('customer', null)).toBe(true)
  expect(isPersonal(null, 'firstName')).toBe(true)
})

test('an empty or blank value stays as it is, and one character of many bytes stays whole', () => {
  expect(mask('')).toBe('')
  expect(mask('  ')).toBe('  ')
  expect(mask(' Ana')).toBe('A•••')
  expect(mask('😀x')).toBe('😀•••')
  expect(shownTo(viewer, 'customer', 'firstName', null)).toBeNull()
})

test('only roles without personal data see masked values', () => {
  expect(seesMasked(viewer)).toBe(true)
  expect(seesMasked({ role: 'support' })).toBe(false)
})

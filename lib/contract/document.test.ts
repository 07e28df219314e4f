import { expect, test } from 'vitest'
import { columnHelp, contractDocument, csvTemplate } from './document.ts'
import { readHeader } from './header.ts'
import { entities, entityOf } from './index.ts'

test('the document holds every entity with every column', () => {
  const document = contractDocument()
  expect(document.entities.map((e) => e.entity)).toEqual(entities.map((e) => e.name))
  for (const { entity, columns } of document.entities) expect(columns.map((c) => c.name)).toEqual(Object.keys(entityOf(entity).columns))
})

test.each(entities.map((e) => [e.file, e] as const))('the template of %s has a header that passes the check', (_, entity) => {
  const cells = csvTemplate(entity).trimEnd().split(',')
  const { problems, unknown, columns } = readHeader(entity, cells)
  expect(problems).toEqual([])
  expect(unknown).toEqual([])
  expect(columns.map((c) => c.column)).toEqual(Object.keys(entity.columns))
})

test('the help says what a column takes and what becomes of a row when it does not fit', () => {
  const help = new Map(columnHelp(entityOf('vehicle')).map((column) => [column.name, column]))
  expect(help.get('externalVehicleId')).toMatchObject({ isKey: true, required: true, invalid: 'The row is left out' })
  expect(help.get('externalCustomerId')!.parent).toBe('Names a customer, in this load or imported before. Without it the row is left out.')
  expect(help.get('year')).toMatchObject({ takes: 'whole number, at least 1900, at most two years from now', invalid: expect.stringMatching(/^Warning: the row comes in/) })
  expect(help.get('vin')!.invalid).toBe('Warning: the row comes in with the value as sent')
})

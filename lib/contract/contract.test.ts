import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { contractDocument } from './document.ts'
import { entities, moneyMeasures, requiredColumns } from './index.ts'

type Agreed = { schema_version: string; folder: string; loadOrder: string[]; independent: string[]; entities: { entity: string }[] }
// The specification that was agreed with partners lies beside the checkout on machines where the work is done.
const agreed = path.resolve(import.meta.dirname, '../../../shared/contract/contract.v1.json')

if (existsSync(agreed)) {
  const specification = JSON.parse(readFileSync(agreed, 'utf8')) as Agreed

  test.each(specification.entities.map((e) => [e.entity, e] as const))('%s is what was agreed: file, key, parents, columns, types, limits and rules', (name, entity) => {
    expect(contractDocument().entities.find((e) => e.entity === name)).toEqual(entity)
  })

  test('the contract has the agreed entities, in the agreed load order, and nothing more', () => {
    const { schema_version, folder, loadOrder, independent } = specification
    expect(contractDocument()).toMatchObject({ schema_version, folder })
    expect(entities.map((e) => e.name)).toEqual([...loadOrder, ...independent])
  })
}

test('the columns that every file must have are keys, required parents, paymentAmount, partNumber and supplierName', () => {
  const named = ['paymentAmount', 'partNumber', 'supplierName']
  for (const e of entities) {
    const parents = e.parents.filter((p) => p.required).map((p) => p.column)
    const rest = requiredColumns(e).filter((column) => column !== e.key && !parents.includes(column))
    expect(requiredColumns(e)).toEqual(expect.arrayContaining([e.key, ...parents]))
    expect(named).toEqual(expect.arrayContaining(rest))
  }
  expect(entities.flatMap(requiredColumns)).toEqual(expect.arrayContaining(named))
})

test('every parent is an entity of the contract that is loaded before, or the entity itself', () => {
  for (const [i, e] of entities.entries()) {
    for (const parent of e.parents) {
      expect(entities.findIndex((other) => other.name === parent.entity)).toBeLessThanOrEqual(i)
      expect(e.columns).toHaveProperty(parent.column)
    }
  }
})

test('money is summed over the four columns of rule 22, kept in cents', () => {
  expect(moneyMeasures.map((m) => `${m.entity}.${m.column}`)).toEqual(['invoice.total', 'invoice.tax', 'line_item.total', 'payment.paymentAmount'])
  for (const { entity, column } of moneyMeasures) expect(entities.find((e) => e.name === entity)!.columns[column]).toMatchObject({ type: 'decimal', scale: 2 })
})

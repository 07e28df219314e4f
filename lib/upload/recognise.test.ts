import { expect, test } from 'vitest'
import { entities } from '#lib/contract/index.ts'
import { downloadName } from '#lib/csv-export.ts'
import { contractName, recognise } from './recognise.ts'

const found = (...paths: string[]) => paths.map((path) => ({ name: path.split('/').at(-1)!, path, file: null }))

test('the contract’s files are known exactly, without letter case and under their other name', () => {
  expect(contractName('customers.csv')).toBe('customers.csv')
  expect(contractName('Line_Items.CSV')).toBe('line_items.csv')
  expect(contractName('documents.csv')).toBe('documents.csv')
  expect(contractName('MANIFEST.json')).toBe('manifest.json')
})

test('corrected downloads of rejected rows are known under the names that they were downloaded with', () => {
  for (const { name, file } of entities) {
    expect(contractName(downloadName('2025-08-30_torqueline', 'rejected', name))).toBe(file)
    expect(contractName(`2025-08-30_torqueline_rejected_${name} (2).CSV`)).toBe(file)
  }
  for (const name of ['rejected_vehicles.csv', 'a_rejected_wheel.csv', 'a_rejected_vehicle.csv.bak', 'a_exceptions_vehicle.csv']) expect(contractName(name), name).toBeNull()
})

test('everything else is ignored by its name', () => {
  for (const name of ['customers.csv.bak', 'customer.csv', '.DS_Store', 'customers.csv ', 'Копия customers.csv', '__proto__', 'constructor', '']) {
    expect(contractName(name), name).toBeNull()
  }
  expect(recognise(found('x/customers.csv', 'x/notes.txt')).ignored).toEqual(['x/notes.txt'])
})

test('the same name twice in one drop is not guessed at', () => {
  const { files, twice } = recognise(found('a/customers.csv', 'b/Customers.csv', 'a/vehicles.csv'))
  expect([...files.keys()]).toEqual(['vehicles.csv'])
  expect(twice.get('customers.csv')!.map((f) => f.path)).toEqual(['a/customers.csv', 'b/Customers.csv'])
})

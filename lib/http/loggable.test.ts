import { expect, test } from 'vitest'
import { forTerminal, withoutValues } from './loggable.ts'

test('the log of an error names its class, code and place, never its message', () => {
  const error = Object.assign(new TypeError("Duplicate entry 'ana@example.com' for key\n    with (555) 123-4567 inside"), { code: 'ER_DUP_ENTRY' })
  const logged = withoutValues(error)
  expect(logged).toMatchObject({ errorClass: 'TypeError', errorCode: 'ER_DUP_ENTRY' })
  expect(logged.stack!.length).toBeGreaterThan(0)
  expect(JSON.stringify(logged)).not.toMatch(/ana@|555/)
})

test('something thrown that is no error is named by its type', () => {
  expect(withoutValues('Ana Ruiz')).toEqual({ errorClass: 'string' })
})

test('a terminal is shown an error as it is, and of the database only code and place', () => {
  const plain = new Error('Port 3000 is taken')
  expect(forTerminal(plain)).toBe(plain)
  const refused = Object.assign(new Error("Duplicate entry 'ana@example.com' for key"), { code: 'ER_DUP_ENTRY', sqlState: '23000', sql: "insert into customer values ('Ana')", sqlMessage: "Duplicate entry 'ana@example.com'" })
  for (const error of [refused, new Error('the load failed for Ana', { cause: refused })]) {
    const shown = forTerminal(error)
    expect(shown).toMatch(/^Error: the database refused \(.+\)\n {4}at /)
    expect(shown).not.toMatch(/ana/i)
  }
})

import { expect, test } from 'vitest'
import { withoutValues } from './loggable.ts'

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

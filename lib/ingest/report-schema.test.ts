import { readFileSync } from 'node:fs'
import Ajv from 'ajv'
import { expect, test } from 'vitest'
import { reportSchema } from './report-schema.ts'

test('the published schema is the one that the code gives', () => {
  expect(JSON.parse(readFileSync('public/report.schema.json', 'utf8'))).toEqual(reportSchema)
})

test('the schema takes no report with a missing count or an unknown code', () => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(reportSchema)
  expect(valid({ partner: 'p' })).toBe(false)
  expect(valid.errors?.[0]?.message).toContain('required')
})

import { exceptionCodes, failureCodes, problemCodes } from '#lib/contract/codes.ts'
import { entityNames, moneyMeasures } from '#lib/contract/index.ts'

const count = { type: 'integer', minimum: 0 }
const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }
const lineOrNull = { type: ['integer', 'null'], minimum: 1 }
const amount = { type: 'string', pattern: '^-?\\d+\\.\\d{2}$' }

function exactly(properties: Record<string, object>): object {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties }
}

const same = (names: readonly string[], schema: object) => exactly(Object.fromEntries(names.map((name) => [name, schema])))

const counts = same(['manifest', 'records', 'staged', 'accepted', 'rejected', 'superseded', 'identical', 'inserted', 'updated', 'unchanged', 'warnings'], count)

const problem = exactly({ file: textOrNull, line: lineOrNull, column: textOrNull, code: { enum: [...problemCodes] }, message: text })

const exception = exactly({
  entity: { enum: [...entityNames, null] }, file: text, line: lineOrNull, record: lineOrNull, key: textOrNull, column: textOrNull,
  code: { enum: [...exceptionCodes] }, severity: { enum: ['error', 'warning'] }, value: textOrNull, message: text,
})

/** The JSON Schema of the report (DESIGN 6), with the closed lists of codes. `public/report.schema.json` is its text. */
export const reportSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Onramp load report',
  ...exactly({
    partner: text, shop: text, loadId: text, attempt: { type: 'integer', minimum: 0, description: '0 when nothing was run' }, dryRun: { type: 'boolean' },
    status: { enum: ['queued', 'running', 'completed', 'completed_with_exceptions', 'failed_validation', 'failed', 'cancelled'] },
    failure: { oneOf: [{ type: 'null' }, exactly({ code: { enum: [...failureCodes] }, message: text, problems: { type: 'array', items: problem } })] },
    entities: same(entityNames, counts),
    money: same(moneyMeasures.map((m) => `${m.entity}.${m.column}`), same(['file', 'accepted', 'production'], amount)),
    exceptions: { type: 'array', items: exception },
    exceptionsTotal: count,
    timings: { type: 'object', additionalProperties: { type: 'number', minimum: 0 } },
    seconds: { type: 'number', minimum: 0 },
    rowsPerSecond: count,
  }),
}

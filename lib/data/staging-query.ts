import { z } from 'zod'
import { entityName } from './exception-query.ts'
import { verdicts, type RecordCursor, type Verdict } from './staging.ts'

const id = z.string().regex(/^\d{1,18}$/, 'must be an id')
const count = z.coerce.number().int().min(1).max(2_147_483_647)
const attempt = count.nullable().default(null)

export const stagedLoadParams = z.object({ loadId: id })
export const sheetParams = z.object({ loadId: id, entity: entityName })
export const recordParams = sheetParams.extend({ record: count })
export const sheetQuery = z.object({ attempt })

/** The list of loads with staged rows. */
export const stagedLoadsQuery = z.object({ after: id.optional(), before: id.optional() }).transform(({ after, before }) =>
  (after !== undefined ? { after } : before !== undefined ? { before } : null))

/** The query of a staged file, the same in the address of its page and of the API. `record` is the one that is open. */
export const recordsQuery = z.object({
  attempt, verdict: z.enum(verdicts).nullable().default(null), record: count.nullable().default(null), after: z.coerce.number().int().min(0).max(2_147_483_647).optional(), before: count.optional(),
}).transform(({ attempt, verdict, record, after, before }): SheetView => ({
  attempt, verdict, record,
  cursor: before !== undefined ? { before } : { after: after ?? (record === null || verdict !== null ? 0 : record - 1) },
}))
export type SheetView = { attempt: number | null; verdict: Verdict | null; record: number | null; cursor: RecordCursor }

/** Where to go in a staged file: a line, or a key. Keys are asked for in the body, so that none gets into an address. */
export const findBody = z.union([
  z.strictObject({ attempt, line: count }),
  z.strictObject({ attempt, key: z.string().min(1).max(200) }),
])

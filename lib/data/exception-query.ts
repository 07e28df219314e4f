import { z } from 'zod'
import { exceptionCodes } from '#lib/contract/codes.ts'
import { entityNames, type EntityName } from '#lib/contract/index.ts'
import type { Cursor, ExceptionFilter } from './exceptions.ts'

const id = z.string().regex(/^\d{1,18}$/, 'must be an id')
const count = z.coerce.number().int().min(1).max(2_147_483_647)
export const entityName = z.enum(entityNames as readonly [EntityName, ...EntityName[]])

const filter = {
  entity: z.union([entityName, z.literal('package')]).nullable().default(null),
  code: z.enum(exceptionCodes).nullable().default(null),
  column: z.string().max(200).nullable().default(null),
  severity: z.enum(['error', 'warning']).nullable().default(null),
  record: count.nullable().default(null),
}

/** The query of the exception explorer, the same in the address of its page and of the API: only ids and fixed words. */
export const exceptionQuery = z.object({ attempt: count.nullable().default(null), ...filter, after: id.optional(), before: id.optional() })
  .transform(({ attempt, after, before, ...rest }): { attempt: number | null; filter: ExceptionFilter; cursor: Cursor } => ({
    attempt, filter: rest, cursor: after !== undefined ? { after } : before !== undefined ? { before } : null,
  }))

export const belowQuery = z.object({ attempt: count, causeEntity: entityName, causeRecord: count, entity: entityName, after: id.nullable().default(null) })

export const rejectedRowsQuery = z.object({ attempt: count.nullable().default(null), entity: entityName })

import { entities, moneyMeasures, type EntityName } from '#lib/contract/index.ts'
import type { ExceptionCode, Failure, Severity } from '#lib/contract/codes.ts'
import { explain, type ExceptionFacts } from '#lib/contract/explain.ts'
import { stepNames } from './progress.ts'
import { parsed, row, rows, raw, sql, type Db } from './sql/sql.ts'

export type AttemptStatus = 'queued' | 'running' | 'completed' | 'completed_with_exceptions' | 'failed_validation' | 'failed' | 'cancelled'

export type EntityCounts = {
  manifest: number; records: number; staged: number; accepted: number; rejected: number; superseded: number; identical: number
  inserted: number; updated: number; unchanged: number; warnings: number
}
/** Sums in the currency of the shop, as text with two decimals. */
export type MoneySums = { file: string; accepted: string; production: string }

export type ReportedException = {
  entity: EntityName | null; file: string; line: number | null; record: number | null; key: string | null; column: string | null
  code: ExceptionCode; severity: Severity; value: string | null; message: string
}

/** What one attempt did; the same document on the command line and at GET /api/v1/loads/{id}/report. */
export type Report = {
  partner: string; shop: string; loadId: string; attempt: number; dryRun: boolean; status: AttemptStatus
  failure: Failure | null
  entities: Record<EntityName, EntityCounts>
  money: Record<'invoice.total' | 'invoice.tax' | 'line_item.total' | 'payment.paymentAmount', MoneySums>
  exceptions: ReportedException[]
  exceptionsTotal: number
  timings: Record<string, number>
  seconds: number
  rowsPerSecond: number
}

const COUNTS = ['manifest', 'records', 'staged', 'accepted', 'rejected', 'superseded', 'identical', 'inserted', 'updated', 'unchanged', 'warnings'] as const satisfies readonly (keyof EntityCounts)[]
const FIRST_EXCEPTIONS = 1000

type AttemptRow = {
  id: number; number: number; dryRun: number; status: AttemptStatus; failure: Failure | string | null; seconds: number | null
  partner: string; shop: string; loadId: string
}

/** What of an exception's value the reader may see. */
type Shown = (exception: Pick<ReportedException, 'entity' | 'column' | 'value'>) => string | null
export type ReportOptions = { allExceptions?: boolean; shown?: Shown }

const asSent: Shown = ({ value }) => value

/**
 * The report of an attempt, read from the ledger. With `allExceptions` every exception is in it, else the first 1,000, by
 * entity and record. Throws when there is no such attempt.
 */
export async function buildReport(db: Db, attemptId: number, { allExceptions = false, shown = asSent }: ReportOptions = {}): Promise<Report> {
  const attempt = await row<AttemptRow>(db, sql`
    select attempt.id, attempt.number, attempt.dryRun, attempt.status, attempt.failure, attempt.seconds,
      partner.slug as partner, shop.slug as shop, \`load\`.slug as loadId
    from attempt join \`load\` on \`load\`.id = attempt.loadId join shop on shop.id = \`load\`.shopId join partner on partner.id = shop.partnerId
    where attempt.id = ${attemptId}`)
  if (!attempt) throw new Error(`there is no attempt ${attemptId}`)
  const lines = new Map((await rows<EntityCounts & { entity: EntityName }>(db, sql`select * from ledger_line where attemptId = ${attemptId}`)).map((l) => [l.entity, l]))
  const money = new Map((await rows<MoneySums & { measure: string }>(db, sql`select * from money_line where attemptId = ${attemptId}`)).map((m) => [m.measure, m]))
  const steps = await rows<{ name: string; seconds: number | null }>(db, sql`select name, sum(seconds) as seconds from step where attemptId = ${attemptId} group by name`)
  const counted = await row<{ n: number }>(db, sql`select count(*) as n from load_exception where attemptId = ${attemptId}`)
  const entityCounts = entities.map((e) => [e.name, Object.fromEntries(COUNTS.map((c) => [c, Number(lines.get(e.name)?.[c] ?? 0)]))])
  const sums = moneyMeasures.map(({ entity, column }) => {
    const { file = '0.00', accepted = '0.00', production = '0.00' } = money.get(`${entity}.${column}`) ?? {}
    return [`${entity}.${column}`, { file, accepted, production }]
  })
  const seconds = attempt.seconds ?? 0
  const records = [...lines.values()].reduce((n, line) => n + Number(line.records), 0)
  return {
    partner: attempt.partner, shop: attempt.shop, loadId: attempt.loadId, attempt: attempt.number, dryRun: attempt.dryRun === 1,
    status: attempt.status,
    failure: attempt.failure === null ? null : parsed<Failure>(attempt.failure),
    entities: Object.fromEntries(entityCounts) as Report['entities'],
    money: Object.fromEntries(sums) as Report['money'],
    exceptions: await exceptionsOf(db, attemptId, allExceptions ? Number.MAX_SAFE_INTEGER : FIRST_EXCEPTIONS, shown),
    exceptionsTotal: Number(counted!.n),
    timings: Object.fromEntries(stepNames.flatMap((name) => {
      const step = steps.find((s) => s.name === name)
      return step ? [[name, rounded(step.seconds ?? 0)]] : []
    })),
    seconds: rounded(seconds),
    rowsPerSecond: seconds > 0 ? Math.round(records / seconds) : 0,
  }
}

/** The report of an attempt that there is not, because nothing could be run: attempt 0, nothing counted. */
export function reportOfNothing(of: Pick<Report, 'partner' | 'shop' | 'loadId' | 'dryRun'>, failure: Failure): Report {
  const none = () => Object.fromEntries(COUNTS.map((c) => [c, 0]))
  const zero = (): MoneySums => ({ file: '0.00', accepted: '0.00', production: '0.00' })
  return {
    partner: of.partner, shop: of.shop, loadId: of.loadId, attempt: 0, dryRun: of.dryRun, status: 'failed', failure,
    entities: Object.fromEntries(entities.map((e) => [e.name, none()])) as Report['entities'],
    money: Object.fromEntries(moneyMeasures.map((m) => [`${m.entity}.${m.column}`, zero()])) as Report['money'],
    exceptions: [], exceptionsTotal: 0, timings: {}, seconds: 0, rowsPerSecond: 0,
  }
}

const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000

/** By entity in load order, then by record; remarks on whole files first. Each part reads along an index. */
async function exceptionsOf(db: Db, attemptId: number, most: number, shown: Shown): Promise<ReportedException[]> {
  const found: ReportedException[] = []
  for (const entity of [null, ...entities.map((e) => e.name)]) {
    if (found.length >= most) break
    const page = await rows<ExceptionFacts & { record: number | null }>(db, sql`
      select entity, \`file\`, line, record, \`key\`, \`column\`, code, severity, value, detail
      from load_exception where attemptId = ${attemptId} and ${entity === null ? raw('entity is null') : sql`entity = ${entity}`}
      order by record, id limit ${most - found.length}`)
    found.push(...page.map(({ detail, ...sent }) => {
      const told = { ...sent, value: shown(sent) }
      return { ...told, message: explain({ ...told, detail }) }
    }))
  }
  return found
}

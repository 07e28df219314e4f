import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Failure } from '#lib/contract/codes.ts'
import { UserError } from '#lib/errors.ts'
import { isOfDatabase } from '#lib/http/loggable.ts'
import { reportOfNothing, type Report } from '#lib/ingest/report.ts'
import { isReportPrinted, printReport } from './present-report.ts'

/** The commands whose `--json` is the report of a load. */
const REPORTING = new Set(['load', 'rerun', 'report'])

/**
 * Prints the report of a command line that ended before there was one, so that programs which asked for JSON get one document
 * whatever happens. `args` begin with the command's name, and may be anything.
 */
export function reportNotRun([name = '', ...args]: string[], error: unknown): void {
  if (!REPORTING.has(name) || isReportPrinted()) return
  printReport(reportOfNothing(namedBy(name, args), failureOf(error)), { json: true })
}

/** The load that the arguments name, as far as they do. */
function namedBy(name: string, args: string[]): Pick<Report, 'partner' | 'shop' | 'loadId' | 'dryRun'> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({ args, allowPositionals: true, strict: false, options: { partner: text, shop: text, 'time-zone': text, attempt: text } })
  const given = positionals[0] ?? ''
  const parts = name === 'load' ? path.resolve(given).split(path.sep) : given.split('/')
  const isNamed = given !== '' && (name === 'load' ? parts.at(-4) === 'imports' : parts.length === 3)
  const [partner = '', shop = '', loadId = ''] = isNamed ? parts.slice(-3) : ['', '', name === 'load' && given !== '' ? parts.at(-1) : '']
  const option = (value: unknown, or: string) => (typeof value === 'string' ? value : or)
  return { partner: option(values.partner, partner), shop: option(values.shop, shop), loadId, dryRun: values['dry-run'] === true }
}

/** What went wrong in words for everybody: of errors that are no UserErrors stderr tells more. */
function failureOf(error: unknown): Failure {
  if (error instanceof UserError) return { code: 'not_run', message: error.message, problems: [] }
  return isOfDatabase(error)
    ? { code: 'database_error', message: 'The database could not be used; the reason is on stderr.', problems: [] }
    : { code: 'internal_error', message: 'The command ended on an error of the machine or of Onramp itself; the reason is on stderr.', problems: [] }
}

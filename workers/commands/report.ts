import { UserError, invalidInput } from '#lib/errors.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { buildReport } from '#lib/ingest/report.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { findLoad } from '../find-load.ts'
import { printReport } from '../present-report.ts'

export default command({
  summary: 'prints what an attempt of a load did',
  usage: 'P/S/load_id [--attempt N] [--json]',
  details: 'Exit: 0 when there is a report, whatever it says; 1 when there is none.',
  options: {
    attempt: { type: 'string', value: 'N', help: 'the attempt’s number; absent: the latest' },
    json: { type: 'boolean', help: 'prints the report as JSON, and nothing else on stdout' },
    'all-exceptions': { type: 'boolean', help: 'lists every exception in the JSON, not the first 1,000' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [name], values }) {
    const number = values.attempt === undefined ? undefined : Number(values.attempt)
    if (number !== undefined && !(Number.isInteger(number) && number > 0)) throw invalidInput(`--attempt takes a whole number, not ${JSON.stringify(values.attempt)}.`)
    return withDatabase(async ({ url }) => {
      const db = pool(url)
      try {
        const load = await findLoad(db, name!)
        const attempt = await row<{ id: number }>(db, sql`select id from attempt where loadId = ${load.id} and number = ${number ?? load.currentAttempt}`)
        if (!attempt) throw new UserError('not_found', number === undefined ? `Load ${name} was never run.` : `Load ${name} has no attempt ${number}.`)
        const report = await buildReport(db, attempt.id, { allExceptions: values['all-exceptions'] })
        printReport(report, values)
        return 0
      } finally {
        await db.end()
      }
    })
  },
})

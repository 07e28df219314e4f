import { invalidInput } from '#lib/errors.ts'
import { buildReport } from '#lib/ingest/report.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { runHere } from '#lib/jobs/run-here.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { findLoad } from '../find-load.ts'
import { exitCodeOf, printReport } from '../present-report.ts'
import { jobRunner } from '../runner.ts'

export default command({
  summary: 'runs a load again with the files it has',
  usage: 'P/S/load_id [--json]',
  details: 'Of a load that has come in, rows that are in are left as they are, also where a later load has changed them. Exit as for load.',
  options: {
    'dry-run': { type: 'boolean', help: 'does everything, then rolls it back' },
    json: { type: 'boolean', help: 'prints the report as JSON, and nothing else on stdout' },
    'all-exceptions': { type: 'boolean', help: 'lists every exception in the JSON, not the first 1,000' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [name], values }) {
    return withDatabase(async ({ workerUrl }) => {
      const runner = jobRunner(workerUrl)
      try {
        const load = await findLoad(runner.db, name!)
        if (load.delivery === 0 || load.status === 'uploading') throw invalidInput(`The files of ${name} have not all arrived. Send them first.`)
        const gone = await row(runner.db, sql`select 1 from load_file where loadId = ${load.id} and delivery = ${load.delivery} and purgedAt is not null limit 1`)
        if (gone) throw invalidInput(`The files of ${name} are no longer kept. Load their folder again with \`onramp load\`.`)
        const attemptId = await runHere(runner, load.id, { userId: null, via: 'cli', dryRun: values['dry-run'] ?? false })
        const report = await buildReport(runner.db, attemptId, { allExceptions: values['all-exceptions'] })
        printReport(report, values)
        return exitCodeOf(report)
      } finally {
        await runner.db.end()
      }
    })
  },
})

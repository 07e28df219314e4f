import type { Pool } from 'mysql2/promise'
import { isTimeZone } from '#lib/contract/time-zone.ts'
import { invalidInput } from '#lib/errors.ts'
import { buildReport } from '#lib/ingest/report.ts'
import { deliverFolder, nameOfFolder, type LoadName } from '#lib/jobs/deliver-folder.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { runHere } from '#lib/jobs/run-here.ts'
import { command, fromHere } from '../command.ts'
import { withDatabase } from '../database.ts'
import { exitCodeOf, printReport } from '../present-report.ts'
import { jobRunner } from '../runner.ts'

/** The zone of a shop is set where the shop is made; dates must not be read in another one without a word. */
async function tellOtherZone(db: Pool, { partner, shop }: LoadName, timeZone: string): Promise<void> {
  const known = await row<{ timeZone: string }>(db, sql`select shop.timeZone from shop join partner on partner.id = shop.partnerId where partner.slug = ${partner} and shop.slug = ${shop}`)
  if (known!.timeZone !== timeZone) console.error(`Shop ${shop} keeps its time zone, ${known!.timeZone}: --time-zone is for new shops. It can be changed in the portal.`)
}

export default command({
  summary: 'loads a folder of seven CSVs and a manifest',
  usage: '<folder> [--partner P --shop S] [--dry-run] [--json]',
  details: 'Partner and shop default to the folder’s path, imports/P/S/load_id; unknown ones are made.\nExit: 0 completed, 2 completed with exceptions, 3 failed validation, 1 failed.',
  options: {
    partner: { type: 'string', value: 'P', help: 'the partner’s id' },
    shop: { type: 'string', value: 'S', help: 'the shop’s id' },
    'time-zone': { type: 'string', value: 'ZONE', help: 'of a shop that is new; America/New_York if absent' },
    'dry-run': { type: 'boolean', help: 'does everything, then rolls it back' },
    json: { type: 'boolean', help: 'prints the report as JSON, and nothing else on stdout' },
    'all-exceptions': { type: 'boolean', help: 'lists every exception in the JSON, not the first 1,000' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [given], values }) {
    const folder = fromHere(given!)
    const name = nameOfFolder(folder, values)
    const timeZone = values['time-zone'] ?? 'America/New_York'
    if (!isTimeZone(timeZone)) throw invalidInput(`${JSON.stringify(timeZone)} is no time zone. Use a name like America/Chicago.`)
    return withDatabase(async ({ workerUrl }) => {
      const runner = jobRunner(workerUrl)
      try {
        const delivered = await deliverFolder(runner.db, runner.store, folder, name, timeZone, { dryRun: values['dry-run'] })
        if (values['time-zone']) await tellOtherZone(runner.db, name, timeZone)
        const attemptId = delivered.kind === 'refused'
          ? delivered.attemptId
          : await runHere(runner, delivered.loadId, { userId: null, via: 'cli', dryRun: values['dry-run'] ?? false, delivery: delivered.delivery })
        const report = await buildReport(runner.db, attemptId, { allExceptions: values['all-exceptions'] })
        printReport(report, values)
        return exitCodeOf(report)
      } finally {
        await runner.db.end()
      }
    })
  },
})

import path from 'node:path'
import { dataDir, stagingSchema } from '#lib/config.ts'
import { UserError, invalidInput } from '#lib/errors.ts'
import { KEPT_DAYS, purge, type Purged } from '#lib/keeping/retention.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { jobRunner } from '../runner.ts'

/** A moment like 2026-11-20T12:00:00Z. */
function moment(text: string): Date {
  const at = new Date(text)
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(at.getTime())) throw invalidInput(`--now takes a moment with its zone, like 2026-11-20T12:00:00Z, not ${JSON.stringify(text)}.`)
  return at
}

function told({ loads, stagedFiles, rawFiles, bytes, leftovers }: Purged, dryRun: boolean): string {
  const n = (count: number) => count.toLocaleString('en-US')
  const left = dryRun ? '' : ` ${n(leftovers)} leftovers of dead processes removed.`
  return `${dryRun ? 'Due' : 'Purged'}: the staged rows of ${n(stagedFiles)} files and ${n(rawFiles)} raw files (${n(bytes)} bytes) of ${n(loads)} loads.${left}`
}

export default command({
  summary: `takes away staged rows and raw files that are older than ${KEPT_DAYS} days`,
  usage: '[--now I] [--dry-run] [--json]',
  details: 'Workers do this by themselves once an hour. Counts, exceptions and the rows in production stay. Each purged load is in the audit trail.',
  options: {
    now: { type: 'string', value: 'I', help: 'takes this moment for now; absent: the database’s clock' },
    'dry-run': { type: 'boolean', help: 'tells what is due, and takes nothing away' },
    json: { type: 'boolean', help: 'prints the counts as JSON, and nothing else on stdout' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const now = values.now === undefined ? undefined : moment(values.now)
    const dryRun = values['dry-run'] ?? false
    return withDatabase(async ({ workerUrl }) => {
      const { url, db, store, worker } = jobRunner(workerUrl)
      try {
        const purged = await purge({ url, db, stagingSchema: stagingSchema(url), store, uploads: path.join(dataDir(), 'uploads'), worker }, { now, dryRun })
        if (!purged) throw new UserError('conflict', 'Another process is purging just now. Nothing is left to do here.')
        console.log(values.json ? JSON.stringify(purged) : told(purged, dryRun))
        return 0
      } finally {
        await db.end()
      }
    })
  },
})

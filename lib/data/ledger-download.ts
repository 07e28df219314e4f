import 'server-only'
import type { CurrentUser } from '#lib/auth/session.ts'
import { downloadName, type CsvCell } from '#lib/csv-export.ts'
import { recordAudit } from './audit.ts'
import type { Download } from './exception-downloads.ts'
import type { LedgerFilter, LedgerSort } from './load-ledger-sql.ts'
import { allLoads } from './loads.ts'
import { prisma } from './prisma.ts'

const HEADER = [
  'id', 'load_id', 'status', 'dry_run', 'partner', 'partner_name', 'shop', 'shop_name', 'started_by', 'started_via', 'started_at',
  'seconds', 'rows', 'errors', 'warnings', 'attempt',
]

/** Every load of the ledger that the filter takes, in that order, as a CSV. That somebody took them is in the audit trail. */
export async function ledgerDownload(user: CurrentUser, filter: LedgerFilter, sort: LedgerSort): Promise<Download> {
  const loads = await allLoads(user, filter, sort)
  const { status, partner, shop, person, from, to, exceptions } = filter
  await recordAudit(prisma(), {
    user, action: 'ledger_downloaded', objectType: 'installation', objectId: '1',
    detail: { status: status.join(',') || null, partner, shop, person, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null, exceptions },
  })
  return { name: downloadName('loads', new Date().toISOString().slice(0, 10)), header: HEADER, rows: cells(loads) }
}

async function* cells(loads: Awaited<ReturnType<typeof allLoads>>): AsyncGenerator<CsvCell[]> {
  for await (const load of loads) {
    yield [
      load.id, load.loadId, load.status, load.dryRun ? 'yes' : 'no', load.partner.slug, load.partner.name, load.shop.slug, load.shop.name,
      load.startedBy, load.startedVia, load.startedAt, load.seconds, load.records, load.errors, load.warnings, load.attempt,
    ]
  }
}

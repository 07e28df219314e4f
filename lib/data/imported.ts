import 'server-only'
import { Prisma } from '#lib/generated/prisma/client.ts'
import { prisma } from './prisma.ts'

/** Where an imported row came from: what ImportedBadge shows, and the address of the load, which is the one that wrote it last. */
export type Imported = { partner: string; loadId: string; importedAt: string; changedSince: boolean; load: string }

type Row = { id: bigint; importedLoadId: bigint | null; createdAt: Date; updatedAt: Date }

/** The origin of each imported invoice among `rows`, by id; native ones are not in the map. */
export async function originsOfInvoices(rows: readonly Row[]): Promise<Map<bigint, Imported>> {
  const imported = rows.filter((row) => row.importedLoadId !== null)
  if (imported.length === 0) return new Map()
  const [loads, changed] = await Promise.all([
    prisma().load.findMany({
      where: { id: { in: [...new Set(imported.map((row) => row.importedLoadId!))] } },
      select: {
        id: true, slug: true, shop: { select: { partner: { select: { name: true } } } },
        attempts: { where: { dryRun: false, status: { in: ['completed', 'completed_with_exceptions'] } }, orderBy: { number: 'asc' }, select: { finishedAt: true } },
      },
    }),
    changedSinceImport(imported),
  ])
  const loadOf = new Map(loads.map((load) => [load.id, load]))
  return new Map(imported.flatMap((row) => {
    const load = loadOf.get(row.importedLoadId!)
    if (!load) return []
    // The first one that came through wrote most rows; those after it found them unchanged, and brought what was left out.
    const importedAt = load.attempts.find(({ finishedAt }) => finishedAt && finishedAt >= row.createdAt)?.finishedAt ?? load.attempts[0]?.finishedAt ?? row.createdAt
    return [[row.id, {
      partner: load.shop.partner.name, loadId: load.slug, importedAt: importedAt.toISOString(), changedSince: changed.has(row.id), load: String(load.id),
    }]]
  }))
}

/**
 * The invoices that somebody edited after the load that last wrote them, which is the one they name. A row is as that load left it when its
 * updatedAt falls into an attempt that inserted it (its id is of the attempt's block) or updated it (there is a before-image).
 */
async function changedSinceImport(rows: readonly Row[]): Promise<Set<bigint>> {
  const touched = rows.filter((row) => row.updatedAt.getTime() !== row.createdAt.getTime()).map((row) => row.id)
  if (touched.length === 0) return new Set()
  const asWritten = await prisma().$queryRaw<{ id: bigint }[]>(writtenByALoad(touched))
  const untouched = new Set(asWritten.map(({ id }) => id))
  return new Set(touched.filter((id) => !untouched.has(id)))
}

function writtenByALoad(ids: readonly bigint[]): Prisma.Sql {
  return Prisma.sql`
    select distinct i.id from invoice i
    join attempt a on a.loadId = i.importedLoadId and a.dryRun = false and a.startedAt <= i.updatedAt and (a.finishedAt is null or a.finishedAt >= i.updatedAt)
    where i.id in (${Prisma.join(ids)}) and (
      exists (
        select 1 from row_change changed
        where changed.attemptId = a.id and changed.entity = 'invoice' and changed.sourceKey = cast(i.externalDocumentId as binary) and changed.rowId = i.id)
      or exists (
        select 1 from ledger_line inserted
        where inserted.attemptId = a.id and inserted.entity = 'invoice' and inserted.firstId <= i.id and inserted.endId > i.id))`
}

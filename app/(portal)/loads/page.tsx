import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { createLoader } from 'nuqs/server'
import { hiddenColumnsCookie, readHiddenColumns } from '#components/data-table/hidden-columns.ts'
import { pageOf } from '#components/data-table/search-params.ts'
import { ledgerCsvHref } from '#components/loads/addresses.ts'
import { LEDGER, ledgerParams } from '#components/loads/ledger-search.ts'
import { LedgerTable } from '#components/loads/ledger-table.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'
import { sortOf } from '#lib/data/load-query.ts'
import { ledgerChoices, listLoads } from '#lib/data/loads.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const readSearch = createLoader(ledgerParams)

export const metadata: Metadata = { title: 'Loads' }

/** The ledger: every load there ever was, newest first. */
export default async function LedgerPage({ searchParams }: Props) {
  const user = await requireUser('load:read')
  const { sort: asked, page, size, ...filter } = await readSearch(searchParams)
  const sort = sortOf(asked)
  const hidden = readHiddenColumns((await cookies()).get(hiddenColumnsCookie(LEDGER))?.value)
  const paging = pageOf({ page, size })
  const [{ rows, total, counts }, choices] = await orErrorPage(Promise.all([listLoads(user, filter, sort, paging), ledgerChoices(user)]))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader title="Loads" description="Every delivery of every shop, and what became of it." />
      <LedgerTable
        rows={rows}
        total={total}
        counts={counts}
        choices={choices}
        byPartner={user.partnerId === null}
        sort={{ id: sort.by, desc: sort.descending }}
        page={paging.page}
        size={paging.size}
        hidden={hidden}
        mayLoad={can(user, 'load:create')}
        csvHref={ledgerCsvHref(filter, sort)}
      />
    </div>
  )
}

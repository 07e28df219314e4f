import { Store } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { createLoader, createSerializer } from 'nuqs/server'
import { pageOf } from '#components/data-table/search-params.ts'
import { InvoiceFilters } from '#components/invoices/invoice-filters.tsx'
import { InvoiceList } from '#components/invoices/invoice-list.tsx'
import { invoiceSearchParams } from '#components/invoices/invoice-search-params.ts'
import { InvoiceSearch } from '#components/invoices/invoice-search.tsx'
import { StateTabs } from '#components/invoices/state-tabs.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatMoney, formatNumber } from '#components/ui/num.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'
import { sortOf } from '#lib/data/invoice-query.ts'
import { invoiceChoices, listInvoices, shopToShow } from '#lib/data/invoices.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const readSearch = createLoader(invoiceSearchParams)
const write = createSerializer(invoiceSearchParams)

export const metadata: Metadata = { title: 'Invoices' }

/** The invoices of one shop, imported and native. */
export default async function InvoicesPage({ searchParams }: Props) {
  const user = await requireUser('invoice:read')
  const search = await readSearch(searchParams)
  const { sort: asked, page, size, shop, ...filter } = search
  if (shop === null) {
    const chosen = await shopToShow(user, search.load)
    if (chosen !== null) redirect(write('/invoices', { ...search, shop: chosen }))
    return <NoShop mayCreate={can(user, 'shop:create')} />
  }
  const sort = sortOf(asked)
  const paging = pageOf({ page, size })
  const [list, choices] = await orErrorPage(Promise.all([listInvoices(user, { shop, ...filter }, sort, paging), invoiceChoices(user, shop, filter.load)]))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader
        title="Invoices"
        description={`${formatNumber(list.count)} ${list.count === 1 ? 'invoice' : 'invoices'}, ${formatMoney(list.total)} in total. Dates are those of the shop (${list.timeZone}).`}
      />
      <InvoiceFilters shop={shop} choices={choices} />
      <InvoiceSearch key={shop} shop={shop} byName={can(user, 'pii:read')} tabs={<StateTabs counts={list.counts} />}>
        <InvoiceList list={list} sort={{ id: sort.by, desc: sort.descending }} page={paging.page} size={paging.size} />
      </InvoiceSearch>
    </div>
  )
}

function NoShop({ mayCreate }: { mayCreate: boolean }) {
  return (
    <div className="grid gap-6">
      <PageHeader title="Invoices" />
      <EmptyState icon={Store} title="There are no shops yet" action={mayCreate ? <Button asChild variant="primary"><Link href="/loads/new">New load</Link></Button> : undefined}>
        Invoices belong to a shop. The first load of a shop brings them here.
      </EmptyState>
    </div>
  )
}

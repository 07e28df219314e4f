'use client'

import { FileText, ListFilter } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import type { Sort } from '#components/data-table/search-params.ts'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { InvoiceList as List } from '#lib/data/invoices.ts'
import { invoiceSearchParams, isFiltered, noFilters } from './invoice-search-params.ts'
import { InvoiceTable } from './invoice-table.tsx'

type Props = { list: List; sort: Sort; page: number; size: number }

/** One page of the shop's invoices under the filters of the address. */
export function InvoiceList({ list: { rows, count, timeZone }, sort, page, size }: Props) {
  const [search, setSearch] = useQueryStates(invoiceSearchParams, { shallow: false, history: 'push' })
  return (
    <InvoiceTable
      caption="Invoices" rows={rows} timeZone={timeZone} sort={sort} paging={{ kind: 'pages', total: count, page, size }}
      empty={isFiltered(search) ? (
        <EmptyState icon={ListFilter} title="No invoice matches" action={<Button onClick={() => void setSearch(noFilters)}>Clear filters</Button>}>
          The shop may have invoices, but none fits all of these filters.
        </EmptyState>
      ) : (
        <EmptyState icon={FileText} title="This shop has no invoices yet">They appear here when a load brings them, or when the shop writes one.</EmptyState>
      )}
    />
  )
}

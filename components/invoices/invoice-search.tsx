'use client'

import { useMutation } from '@tanstack/react-query'
import { Search, SearchX, X } from 'lucide-react'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import { ask } from '#components/upload/api.ts'
import type { InvoiceSearch as Found } from '#lib/data/invoices.ts'
import { InvoiceTable } from './invoice-table.tsx'

type Props = {
  shop: string
  /** Whether this person finds invoices by the customer's name too. */
  byName: boolean
  /** Stands beside the search, and gives way to its result like the list does. */
  tabs: ReactNode
  children: ReactNode
}

/** Finds invoices of the shop by what is typed, and shows them in place of the list. What is typed stays out of the address. */
export function InvoiceSearch({ shop, byName, tabs, children }: Props) {
  const id = useId()
  const [text, setText] = useState('')
  const search = useMutation({ mutationFn: (wanted: string) => ask<Found>('/api/v1/invoices/search', { shop, text: wanted }) })
  const label = byName ? 'Invoice number or customer' : 'Invoice number'
  const clear = () => {
    setText('')
    search.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim()) search.mutate(text.trim())
    else search.reset()
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="print-hidden flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="max-w-full min-w-0">
          <p role="status" className={search.data ? 'text-13' : 'sr-only'}>{search.data ? summaryOf(search.data) : ''}</p>
          {search.data ? null : tabs}
        </div>
        <form role="search" onSubmit={submit} className="flex gap-2 max-sm:w-full">
          <Label htmlFor={id} className="sr-only">{label}</Label>
          <Input {...pageFilterMark} id={id} type="search" autoComplete="off" maxLength={100} placeholder={label} className="sm:w-60" value={text} onChange={(event) => setText(event.target.value)} />
          <Button type="submit" busy={search.isPending}><Search aria-hidden />Search</Button>
          {search.data ? <Button variant="ghost" onClick={clear}><X aria-hidden />Back to the list</Button> : null}
        </form>
      </div>
      {search.isError ? <Alert tone="danger" live title="The search did not work">{search.error.message}</Alert> : null}
      {search.data ? (
        <InvoiceTable
          caption="Found invoices" rows={search.data.rows} timeZone={search.data.timeZone}
          empty={(
            <EmptyState icon={SearchX} title="No invoice found" action={<Button onClick={clear}>Back to the list</Button>}>
              {byName ? 'No invoice of this shop has a number that begins like this, or a customer of this name.' : 'No invoice of this shop has a number that begins like this. Your role does not include searching by name.'}
            </EmptyState>
          )}
        />
      ) : children}
    </div>
  )
}

function summaryOf({ rows, more }: Found): string {
  if (rows.length === 0) return more ? 'The first customers of this name have no invoices. Type more of it to see others.' : 'Nothing found'
  return more ? `The first ${rows.length} found, newest first. Type more of the number or name to see others.` : `${rows.length} ${rows.length === 1 ? 'invoice' : 'invoices'} found`
}

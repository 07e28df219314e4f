import { EyeOff } from 'lucide-react'
import type { Metadata } from 'next'
import { ImportedBadge } from '#components/imported-badge.tsx'
import { InvoiceFacts } from '#components/invoices/invoice-facts.tsx'
import { InvoiceLines } from '#components/invoices/invoice-lines.tsx'
import { InvoicePayments } from '#components/invoices/invoice-payments.tsx'
import { InvoiceSource } from '#components/invoices/invoice-source.tsx'
import { InvoiceTotals } from '#components/invoices/invoice-totals.tsx'
import { PrintButton } from '#components/invoices/print-button.tsx'
import { StateBadge } from '#components/invoices/state-badge.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { getInvoice, getInvoiceLines } from '#lib/data/invoice.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { params: Promise<{ id: string }> }

const FIRST_LINES = 500

export const metadata: Metadata = { title: 'Invoice' }

/** One invoice, as the shop would print it, with where it came from. */
export default async function InvoicePage({ params }: Props) {
  const user = await requireUser('invoice:read')
  const { id } = await params
  const [invoice, lines] = await orErrorPage(Promise.all([getInvoice(user, id), getInvoiceLines(user, id, { offset: 0, limit: FIRST_LINES })]))
  const { imported, shop } = invoice
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader
        title={`Invoice ${invoice.number}`}
        crumbs={[{ label: 'Invoices', href: `/invoices?shop=${shop.id}` }, { label: invoice.number }]}
        badge={<>
          <StateBadge state={invoice.state} />
          {imported ? <ImportedBadge partner={imported.partner} loadId={imported.loadId} importedAt={imported.importedAt} changedSince={imported.changedSince} timeZone={shop.timeZone} /> : null}
        </>}
        description={invoice.masked ? <span className="inline-flex items-center gap-1.5"><EyeOff aria-hidden className="size-3.5" />Names and other personal data are masked for your role.</span> : undefined}
        actions={<PrintButton />}
      />
      <InvoiceFacts invoice={invoice} />
      <InvoiceLines key={invoice.id} invoiceId={invoice.id} first={lines} total={invoice.lineCheck.lines} imported={imported !== null} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem] xl:grid-rows-[auto_1fr]">
        <InvoicePayments invoice={invoice} />
        <div className="xl:col-start-2 xl:row-span-2 xl:row-start-1"><InvoiceTotals invoice={invoice} /></div>
        <InvoiceSource invoice={invoice} />
      </div>
    </div>
  )
}

import { Ban, CircleCheck, CircleDashed, CircleX, Clock, Undo2, Wallet, type LucideIcon } from 'lucide-react'
import { Badge, type BadgeTone } from '#components/ui/badge.tsx'
import { Card, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Money } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableFooter, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { InvoiceDetail } from '#lib/data/invoice.ts'
import { momentIn, words } from './words.ts'

const looks: Record<string, { tone: BadgeTone; icon: LucideIcon }> = {
  pending: { tone: 'neutral', icon: Clock },
  processing: { tone: 'info', icon: Clock },
  completed: { tone: 'success', icon: CircleCheck },
  failed: { tone: 'danger', icon: CircleX },
  cancelled: { tone: 'neutral', icon: Ban },
  refunded: { tone: 'warning', icon: Undo2 },
  partially_refunded: { tone: 'warning', icon: Undo2 },
}

/** Every payment with its status; those that do not count towards what is paid say so. */
export function InvoicePayments({ invoice: { payments, paid, shop } }: { invoice: InvoiceDetail }) {
  if (payments.length === 0) {
    return (
      <Card aria-label="Payments">
        <CardHeader><CardTitle>Payments</CardTitle></CardHeader>
        <EmptyState as="h3" icon={Wallet} title="No payments" className="border-t py-9">Nothing has been paid on this invoice.</EmptyState>
      </Card>
    )
  }
  return (
    <Card aria-labelledby="payments-title" className="overflow-hidden">
      <CardHeader><CardTitle id="payments-title">Payments <span className="font-normal text-muted-foreground">{payments.length}</span></CardTitle></CardHeader>
      <TableRegion label="Payments of the invoice" className="border-t">
        <Table>
          <TableCaption>Payments of the invoice</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead>Date</TableHead>
              <TableHead>Method</TableHead>
              <TableHead>Status</TableHead>
              <TableHead>Reference and notes</TableHead>
              <TableHead className="text-right">Amount</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {payments.map(({ id, date, method, status, reference, notes, amount, counts }) => (
              <TableRow key={id}>
                <TableHead scope="row" className="font-normal">{date === null ? '—' : momentIn(shop.timeZone, date)}</TableHead>
                <TableCell className="whitespace-nowrap">{words(method)}</TableCell>
                <TableCell><PaymentStatus status={status} /></TableCell>
                <TableCell className="min-w-40 break-words">{[reference, notes].filter(Boolean).join(' · ') || '—'}</TableCell>
                <TableCell className="text-right">
                  <Money value={amount} className={counts ? undefined : 'text-muted-foreground'} />
                  {counts ? null : <span className="block text-xs text-muted-foreground">not counted as paid</span>}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
          <TableFooter>
            <TableRow>
              <TableHead scope="row" colSpan={4}>Paid</TableHead>
              <TableCell className="text-right"><Money value={paid} /></TableCell>
            </TableRow>
          </TableFooter>
        </Table>
      </TableRegion>
    </Card>
  )
}

function PaymentStatus({ status }: { status: string | null }) {
  const { tone, icon: Icon } = looks[status ?? ''] ?? { tone: 'neutral' as const, icon: CircleDashed }
  return <Badge tone={tone}><Icon aria-hidden />{status === null ? 'No status' : words(status)}</Badge>
}

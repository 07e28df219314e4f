import { Info } from 'lucide-react'
import { Card, CardContent, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { cn } from '#components/ui/cn.ts'
import { formatMoney, Money } from '#components/ui/num.tsx'
import type { InvoiceDetail } from '#lib/data/invoice.ts'
import { balanceRule } from '#lib/invoices/balance.ts'

type Totals = InvoiceDetail['totals']
type Line = { name: string; column: keyof Totals; minus?: true; parts?: [string, keyof Totals][] }

const blocks: Line[] = [
  { name: 'Parts', column: 'partsTotal' },
  { name: 'Labor', column: 'laborTotal' },
  { name: 'Flat fees', column: 'flatFeeTotal' },
  { name: 'Shop supplies', column: 'shopSuppliesAmount' },
  { name: 'Hazardous material', column: 'hazMatAmount' },
  { name: 'Discount', column: 'totalDiscount', minus: true, parts: [['on parts', 'partsTotalDiscount'], ['on labor', 'laborTotalDiscount'], ['on flat fees', 'flatFeeTotalDiscount']] },
  { name: 'Subtotal', column: 'subTotal' },
  { name: 'Tax', column: 'tax', parts: [['on parts', 'partsTax'], ['on labor', 'laborTax'], ['on flat fees', 'flatFeeTax'], ['on hazardous material', 'hazMatTax'], ['on shop supplies', 'shopSupTax']] },
]

/** The invoice's own amounts, what was paid, and whether its lines agree. Nothing here is worked out anew but paid and balance. */
export function InvoiceTotals({ invoice: { totals, paid, balance, lineCheck } }: { invoice: InvoiceDetail }) {
  return (
    <Card aria-labelledby="totals-title" className="print:break-inside-avoid">
      <CardHeader><CardTitle id="totals-title">Totals</CardTitle></CardHeader>
      <CardContent className="grid gap-4">
        <dl className="text-13">
          {blocks.map(({ name, column, minus, parts }) => (
            <Amount key={column} name={name} value={totals[column]} minus={minus} className={column === 'subTotal' ? 'border-t' : undefined}>
              {parts?.filter(([, part]) => Number(totals[part]) !== 0).map(([of, part]) => <span key={part} className="block text-xs text-muted-foreground">{of} {formatMoney(totals[part]!)}</span>)}
            </Amount>
          ))}
          <Amount name="Total" value={totals.total} className="border-t font-semibold">
            {Number(totals.nonTaxableTotal) === 0 ? null : <span className="block text-xs font-normal text-muted-foreground">not taxable {formatMoney(totals.nonTaxableTotal!)}</span>}
          </Amount>
          <Amount name="Paid" value={paid} />
          <Amount name="Balance" value={balance} className="border-t font-semibold" />
        </dl>
        <p className="text-xs text-muted-foreground">{balanceRule}</p>
        <div role="note" aria-label="Line totals and invoice total" className="flex gap-2 rounded-md border bg-surface px-3 py-2 text-xs text-muted-foreground">
          <Info aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <p>
            <span className="font-medium text-foreground">Lines: {formatMoney(lineCheck.lines)}.</span> {lineCheck.sentence}
            {lineCheck.againstSubtotal === null ? null : <span className="block tabular-nums">Lines less subtotal: {formatMoney(lineCheck.againstSubtotal)}</span>}
            {lineCheck.againstTotal === null ? null : <span className="block tabular-nums">Lines less total: {formatMoney(lineCheck.againstTotal)}</span>}
          </p>
        </div>
      </CardContent>
    </Card>
  )
}

function Amount({ name, value, minus = false, className, children }: { name: string; value: string | null; minus?: boolean; className?: string; children?: React.ReactNode }) {
  const shown = minus && value !== null && Number(value) !== 0 ? `-${value}` : value
  return (
    <div className={cn('flex items-start justify-between gap-4 py-1', className)}>
      <dt className="min-w-0">{name}{children}</dt>
      <dd><Money value={shown} /></dd>
    </div>
  )
}

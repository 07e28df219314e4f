import { Card, CardContent } from '#components/ui/card.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import type { InvoiceDetail } from '#lib/data/invoice.ts'
import { Fact, Facts } from './facts.tsx'
import { momentIn, quantity } from './words.ts'

/** Whose invoice it is, for which vehicle, when, and by whom. */
export function InvoiceFacts({ invoice }: { invoice: InvoiceDetail }) {
  const { customer, vehicle, shop } = invoice
  return (
    <Card aria-label="Invoice facts">
      <CardContent className="pt-4">
        <Facts className="grid-cols-2 lg:grid-cols-4 print:grid-cols-4">
          <Fact name="Customer">
            <span className="font-medium">{customer.name}</span>
            {[customer.address, customer.phone, customer.email].filter(Boolean).map((line) => <span key={line} className="block text-muted-foreground">{line}</span>)}
          </Fact>
          <Fact name="Vehicle">
            {vehicle ? <>
              <span className="font-medium">{vehicle.name}</span>
              {vehicle.vin ? <span className="block text-muted-foreground">VIN <span className="font-mono text-xs">{vehicle.vin}</span></span> : null}
            </> : null}
          </Fact>
          <Fact name="Odometer in / out">{mileage(invoice)}</Fact>
          <Fact name="Shop">{shop.name}</Fact>
          <Fact name="Created">{invoice.createdOn && momentIn(shop.timeZone, invoice.createdOn)}</Fact>
          <Fact name="Last changed in the shop">{invoice.updatedOn && momentIn(shop.timeZone, invoice.updatedOn)}</Fact>
          <Fact name="Service writer">{invoice.serviceWriter}</Fact>
          <Fact name="Technician">{invoice.technician}</Fact>
          <Fact name="Service tag">{invoice.serviceTag}</Fact>
          <Fact name="Planned hours">{invoice.plannedHours && quantity(invoice.plannedHours)}</Fact>
          <Fact name="Note" className="col-span-2">{invoice.note}</Fact>
        </Facts>
      </CardContent>
    </Card>
  )
}

function mileage({ mileageIn, mileageOut, odometer }: InvoiceDetail): string | null {
  if (mileageIn === null && mileageOut === null) return null
  const read = (value: number | null) => (value === null ? '—' : formatNumber(value))
  return `${read(mileageIn)} / ${read(mileageOut)}${odometer ? ` ${odometer}` : ''}`
}

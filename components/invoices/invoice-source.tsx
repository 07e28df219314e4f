import Link from 'next/link'
import type { ReactNode } from 'react'
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import type { InvoiceDetail, LoadLink } from '#lib/data/invoice.ts'
import { Fact, Facts } from './facts.tsx'
import { momentIn } from './words.ts'

/** Where the invoice came from, word for word as it was delivered. */
export function InvoiceSource({ invoice: { id, imported, source, shop } }: { invoice: InvoiceDetail }) {
  if (!imported || !source) {
    return (
      <Card aria-labelledby="source-title" className="print-hidden">
        <CardHeader>
          <div>
            <CardTitle id="source-title">Made here</CardTitle>
            <CardDescription>Written in the shop product. No load has brought or changed it.</CardDescription>
          </div>
        </CardHeader>
        <CardContent><Facts><Fact name="Our id"><Copyable text={id} label="Copy our id" /></Fact></Facts></CardContent>
      </Card>
    )
  }
  return (
    <Card aria-labelledby="source-title" className="print:break-inside-avoid">
      <CardHeader>
        <div>
          <CardTitle id="source-title">Source</CardTitle>
          <CardDescription>
            {imported.changedSince ? 'Imported, and changed here since the load last wrote it. Later loads leave it alone as long as the partner sends the same row.' : 'As the load wrote it.'}
          </CardDescription>
        </div>
      </CardHeader>
      <CardContent>
        <Facts className="grid-cols-2 print:grid-cols-4">
          <Fact name="Partner">{source.partner}</Fact>
          <Fact name="Shop id of the partner">{source.shop}</Fact>
          <Fact name="Source key">{source.sourceKey === null ? null : <Copyable text={source.sourceKey} label="Copy the source key" />}</Fact>
          <Fact name="Our id"><Copyable text={id} label="Copy our id" /></Fact>
          <Fact name="First imported">{momentIn(shop.timeZone, source.firstImportedAt)}</Fact>
          <Fact name="First load"><ToLoad load={source.firstLoad} /></Fact>
          <Fact name="Last written by"><ToLoad load={source.lastLoad} /></Fact>
          <Fact name="sourceAppName">{source.sourceAppName}</Fact>
          <Fact name="externalShopId">{source.externalShopId}</Fact>
          <Fact name="externalCustomerId">{source.externalCustomerId}</Fact>
          <Fact name="externalVehicleId">{source.externalVehicleId}</Fact>
        </Facts>
      </CardContent>
    </Card>
  )
}

function ToLoad({ load: { id, loadId } }: { load: LoadLink }): ReactNode {
  return <Link href={`/loads/${id}`} className="inline-flex min-h-6 items-center rounded-sm text-link underline-offset-4 hover:underline">{loadId}</Link>
}

function Copyable({ text, label }: { text: string; label: string }) {
  return <span className="inline-flex max-w-full items-center gap-1"><code className="min-w-0 font-mono text-xs break-all">{text}</code><span className="print-hidden"><CopyButton text={text} label={label} /></span></span>
}

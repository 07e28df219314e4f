import { Upload } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { Suspense, type ReactNode } from 'react'
import { formatNumber } from '#components/ui/num.tsx'
import { ShopLoads } from '#components/shops/shop-loads.tsx'
import { ShopTotals } from '#components/shops/shop-totals.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser, type CurrentUser } from '#lib/auth/session.ts'
import { getShop, listShopLoads, shopTotals } from '#lib/data/shops.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const shop = await orErrorPage(getShop(await requireUser('load:read'), (await params).id))
  return { title: shop.name }
}

/** A shop: whose data it receives, what it has, and its loads. */
export default async function ShopPage({ params }: Props) {
  const user = await requireUser('load:read')
  const { id } = await params
  const [shop, { rows: loads, total }] = await orErrorPage(Promise.all([getShop(user, id), listShopLoads(user, id)]))
  const mayLoad = can(user, 'load:create')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <PageHeader
        title={shop.name}
        description={<>Receives its books from {shop.partner.name}.</>}
        crumbs={[{ label: 'Shops', href: '/shops' }, { label: shop.name }]}
        actions={
          <>
            {can(user, 'invoice:read') ? <Button asChild><Link href={`/invoices?shop=${id}`}>Invoices</Link></Button> : null}
            {mayLoad ? <Button asChild><Link href={`/loads/new?shop=${id}`}><Upload aria-hidden />Send a load</Link></Button> : null}
          </>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <Card>
          <CardHeader><CardTitle>Facts</CardTitle></CardHeader>
          <CardContent>
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-6 gap-y-1.5 text-13">
              <Fact name="Shop id"><span className="font-mono">{shop.slug}</span> <CopyButton text={shop.slug} label="Copy shop id" /></Fact>
              <Fact name="Partner">{shop.partner.name} <span className="font-mono text-xs text-muted-foreground">{shop.partner.slug}</span></Fact>
              <Fact name="Time zone">{shop.timeZone} <span className="text-muted-foreground">({localTime(shop.timeZone)} there)</span></Fact>
              <Fact name="Added"><RelativeTime iso={shop.createdAt} absolute /></Fact>
              <Fact name="Loads">{formatNumber(total)}</Fact>
            </dl>
          </CardContent>
        </Card>
        <Card>
          <CardHeader>
            <div>
              <CardTitle>What the shop has</CardTitle>
              <CardDescription>Rows in production: brought by loads, and made in our product.</CardDescription>
            </div>
          </CardHeader>
          <div className="border-t"><Suspense fallback={<ShopTotals totals={null} />}><Totals user={user} id={id} /></Suspense></div>
        </Card>
      </div>
      <section aria-labelledby="loads" className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <div className="flex items-baseline justify-between gap-4">
          <h2 id="loads" className="text-sm font-semibold">Loads</h2>
          {total > loads.length ? <Link href={`/loads?shop=${id}`} className="text-13 text-link underline-offset-4 hover:underline">All {formatNumber(total)} loads</Link> : null}
        </div>
        <ShopLoads shopId={id} loads={loads} mayLoad={mayLoad} />
      </section>
    </div>
  )
}

/** Counting millions of rows takes a moment; the rest of the page does not wait for it. */
async function Totals({ user, id }: { user: CurrentUser; id: string }) {
  return <ShopTotals totals={await shopTotals(user, id)} />
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <><dt className="text-muted-foreground">{name}</dt><dd className="flex min-h-6 min-w-0 flex-wrap items-center gap-x-1.5">{children}</dd></>
}

function localTime(timeZone: string): string {
  return new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', minute: '2-digit' }).format(new Date())
}

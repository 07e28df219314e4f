import type { Metadata } from 'next'
import { createLoader } from 'nuqs/server'
import { pageOf } from '#components/data-table/search-params.ts'
import { NewShopButton } from '#components/shops/new-shop-button.tsx'
import { PartnerFilter } from '#components/shops/partner-filter.tsx'
import { ShopFinder } from '#components/shops/shop-finder.tsx'
import { shopSearchParams } from '#components/shops/shop-search-params.ts'
import { ShopTable } from '#components/shops/shop-table.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'
import { listPartners, listShops } from '#lib/data/shops.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const readSearch = createLoader(shopSearchParams)

export const metadata: Metadata = { title: 'Shops' }

/** The shops that receive data, and the partners that deliver it. */
export default async function ShopsPage({ searchParams }: Props) {
  const user = await requireUser('load:read')
  const { partner, ...search } = await readSearch(searchParams)
  const { page, size } = pageOf(search)
  const [{ rows, total }, partners] = await orErrorPage(Promise.all([
    listShops(user, { partnerId: partner ?? undefined, page, pageSize: size }),
    listPartners(user),
  ]))
  const mayCreate = can(user, 'shop:create')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader title="Shops" description="Who receives data, from which partner." actions={mayCreate ? <NewShopButton /> : undefined} />
      <div className="flex flex-wrap gap-2">
        <ShopFinder />
        {user.partnerId === null ? <PartnerFilter partners={partners} /> : null}
      </div>
      <ShopTable rows={rows} total={total} page={page} size={size} filtered={partner !== null} mayCreate={mayCreate} />
    </div>
  )
}

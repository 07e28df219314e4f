import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { PageHeader } from '#components/ui/page-header.tsx'
import { UploadWizard } from '#components/upload/wizard.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'
import { getLoad } from '#lib/data/loads.ts'
import { getShop, listRecentShops, listShopLoads, searchShops } from '#lib/data/shops.ts'
import { findUnfinishedUpload, listUnfinishedUploads } from '#lib/data/uploads.ts'
import { orErrorPage } from '#lib/http/page.ts'
import { isCompleted, type LoadStatus } from '#lib/load-status.ts'

export const metadata: Metadata = { title: 'New load' }

type Props = { searchParams: Promise<{ resume?: string | string[]; shop?: string | string[]; correct?: string | string[]; again?: string | string[] }> }

export default async function NewLoadPage({ searchParams }: Props) {
  const user = await requireUser('load:create')
  const { resume, shop, correct, again } = await searchParams
  const resumed = typeof resume === 'string' ? await orErrorPage(findUnfinishedUpload(user, resume)) : null
  // Its page tells what became of it.
  if (typeof resume === 'string' && !resumed) redirect(`/loads/${resume}`)
  const of = typeof correct === 'string' ? await orErrorPage(getLoad(user, correct)) : null
  const before = typeof again === 'string' ? await orErrorPage(getLoad(user, again)) : null
  const shopId = of?.shop.id ?? before?.shop.id ?? shop
  // Customers of an older load would take back what a newer one has changed.
  const newest = of && (await orErrorPage(listShopLoads(user, of.shop.id))).rows.find(({ status }) => isCompleted(status as LoadStatus))
  const [recent, found, unfinished, given] = await Promise.all([
    listRecentShops(user),
    searchShops(user, ''),
    listUnfinishedUploads(user),
    typeof shopId === 'string' ? orErrorPage(getShop(user, shopId)) : null,
  ])
  return (
    <div className="grid max-w-5xl grid-cols-[minmax(0,1fr)] gap-6">
      <PageHeader title="New load" description="Send the files of one shop. They are checked here, on arrival and before anything is written." crumbs={[{ label: 'Loads', href: '/loads' }, { label: 'New load' }]} />
      <UploadWizard
        // Opened for something else, it begins anew.
        key={JSON.stringify([resume, shop, correct, again])} recent={recent} found={found} unfinished={unfinished.filter(({ id }) => id !== resumed?.id)} resume={resumed} shop={given} again={before?.loadId ?? null}
        corrected={of && { loadId: of.loadId, newest: { id: newest?.id ?? of.id, loadId: newest?.loadId ?? of.loadId } }} mayCreateShop={can(user, 'shop:create')}
      />
    </div>
  )
}

import { TableProperties } from 'lucide-react'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { KeysetPager } from '#components/data-table/pager.tsx'
import { StagedLoadsTable } from '#components/staging/staged-loads-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { stagedLoadsQuery } from '#lib/data/staging-query.ts'
import { stagedLoads } from '#lib/data/staging.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export const metadata: Metadata = { title: 'Staging' }

/** Loads of which rows were staged. */
export default async function StagingPage({ searchParams }: Props) {
  const user = await requireUser('staging:read')
  const query = stagedLoadsQuery.safeParse(await searchParams)
  if (!query.success) notFound()
  const { loads, next, previous } = await orErrorPage(stagedLoads(user, query.data))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <PageHeader title="Staging" description="The rows of each load exactly as they were sent, what each was taken for, and what production holds now." />
      <div className="overflow-hidden rounded-lg border bg-card">
        {loads.length === 0 ? (
          <EmptyState icon={TableProperties} title="Nothing is staged">Rows appear here as soon as a load has passed the checks of its package.</EmptyState>
        ) : <StagedLoadsTable loads={loads} />}
        <KeysetPager noun="loads" previous={previous === null ? null : `/staging?before=${previous}`} next={next === null ? null : `/staging?after=${next}`} />
      </div>
    </div>
  )
}

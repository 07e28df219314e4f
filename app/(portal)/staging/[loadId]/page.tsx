import { TableProperties } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { StagedFilesTable } from '#components/staging/staged-files-table.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { getStagedLoad } from '#lib/data/staging.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { params: Promise<{ loadId: string }> }

export const metadata: Metadata = { title: 'Staged files' }

/** What was staged of one load. */
export default async function StagedLoadPage({ params }: Props) {
  const user = await requireUser('staging:read')
  const load = await orErrorPage(getStagedLoad(user, (await params).loadId))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <PageHeader
        crumbs={[{ label: 'Staging', href: '/staging' }, { label: load.slug }]}
        title={<span className="break-all">{load.slug}</span>}
        badge={<LoadBadges status={load.status} dryRun={load.dryRun} />}
        description={`${load.shopName} from ${load.partnerName}`}
        actions={<Button asChild><Link href={`/loads/${load.id}`}>Open the load</Link></Button>}
      />
      <div className="overflow-hidden rounded-lg border bg-card">
        {load.entities.length === 0 ? (
          <EmptyState icon={TableProperties} title="Nothing is staged">Rows of this load appear here once it has passed the checks of its package.</EmptyState>
        ) : <StagedFilesTable load={load} />}
      </div>
    </div>
  )
}

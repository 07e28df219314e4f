import type { ReactNode } from 'react'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { HeaderActions } from '#components/loads/header-actions.tsx'
import { LoadTabs } from '#components/loads/load-tabs.tsx'
import { shownAttempt } from '#components/loads/shown-attempt.ts'
import { AutoRefresh } from '#components/shell/auto-refresh.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { getLoad } from '#lib/data/loads.ts'
import { orErrorPage } from '#lib/http/page.ts'
import { isMoving } from '#lib/load-status.ts'

type Props = { params: Promise<{ id: string }>; children: ReactNode }

/** What all pages of a load begin with: which load it is, how it stands, what can be done, and the tabs. */
export default async function LoadLayout({ params, children }: Props) {
  const user = await requireUser('load:read')
  const load = await orErrorPage(getLoad(user, (await params).id))
  const { summary } = shownAttempt(load, null)
  const exceptions = summary && summary.errors !== null ? { errors: summary.errors, warnings: summary.warnings ?? 0 } : null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <PageHeader
        crumbs={[{ label: 'Loads', href: '/loads' }, { label: load.loadId }]}
        title={<span className="inline-flex items-center gap-1.5 break-all">{load.loadId}<CopyButton text={load.loadId} label="Copy load id" className="print-hidden" /></span>}
        badge={<LoadBadges status={load.status} dryRun={load.dryRun} />}
        description={<><Place {...load.shop} /> from <Place {...load.partner} /></>}
        actions={<HeaderActions load={load} />}
      />
      <LoadTabs id={load.id} exceptions={exceptions} files={load.files} staging={load.mayBrowseStaging} />
      {/* Going from tab to tab leaves what is here as it was. */}
      {isMoving(load.status) ? <AutoRefresh seconds={5} /> : null}
      {children}
    </div>
  )
}

/** A shop or partner by name, with its id where that is another word. */
function Place({ name, slug }: { name: string; slug: string }) {
  return name === slug ? name : <>{name} <span className="font-mono text-xs">{slug}</span></>
}

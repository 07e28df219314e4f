import type { Metadata } from 'next'
import { AutoRefresh } from '#components/shell/auto-refresh.tsx'
import { CheckCard } from '#components/health/check-card.tsx'
import { RunningJobs } from '#components/health/running-jobs.tsx'
import { StateBadge } from '#components/health/state-badge.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { readHealth } from '#lib/data/health.ts'
import { orErrorPage } from '#lib/http/page.ts'

export const metadata: Metadata = { title: 'Health' }

export default async function HealthPage() {
  const user = await requireUser('health:read')
  const { state, checkedAt, checks, running } = await orErrorPage(readHealth(user))
  return (
    <div className="grid gap-6">
      <AutoRefresh seconds={10} />
      <PageHeader
        title="Health"
        badge={<StateBadge state={state} />}
        description={<>Measured <RelativeTime iso={checkedAt} />, again every 10 seconds.</>}
      />
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">{checks.map((check) => <CheckCard key={check.name} {...check} />)}</div>
      <RunningJobs jobs={running} />
    </div>
  )
}

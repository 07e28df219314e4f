import { CircleCheck, Layers } from 'lucide-react'
import type { Metadata } from 'next'
import { DaySummary } from '#components/home/day-summary.tsx'
import { FirstStart } from '#components/home/first-start.tsx'
import { LoadList } from '#components/home/load-list.tsx'
import { AutoRefresh } from '#components/shell/auto-refresh.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'
import { readHome } from '#lib/data/home.ts'

export const metadata: Metadata = { title: 'Home' }

export default async function HomePage() {
  const user = await requireUser()
  const home = await readHome(user)
  if (home.first) return <FirstStart name={user.name} mayLoad={can(user, 'load:create')} />
  const more = home.attentionTotal - home.attention.length
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      {home.running.length > 0 ? <AutoRefresh seconds={5} /> : null}
      <PageHeader title="Home" description="What needs attention, what is running, and what happened in the last 24 hours." />
      <DaySummary day={home.day} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 xl:grid-cols-2">
        <LoadList
          title="Needs attention"
          description="Failed, with rejected rows, tried out in a dry run only, or an upload that was not finished. Last 14 days."
          loads={home.attention}
          more={more > 0 ? { count: more, href: '/loads?status=failed,failed_validation,completed_with_exceptions,draft,uploading' } : undefined}
          empty={<EmptyState as="h3" icon={CircleCheck} title="Nothing needs attention" className="py-9">Every load of the last 14 days is through without rejected rows.</EmptyState>}
        />
        <LoadList
          title="My running loads"
          description="Waiting for a worker, or being loaded now."
          loads={home.running}
          empty={<EmptyState as="h3" icon={Layers} title="None of your loads is running" className="py-9">Loads that you start or run again appear here until they are done.</EmptyState>}
        />
      </div>
    </div>
  )
}

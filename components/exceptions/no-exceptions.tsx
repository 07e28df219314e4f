import { CircleCheck, Filter, Hourglass } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { AttemptStatus } from '#lib/ingest/report.ts'
import { isUnderWay } from '#lib/load-status.ts'

type Props = { loadId: string; attempt: { number: number; status: AttemptStatus } | null }

/** Why an attempt has no exceptions: nothing is wrong, it is not done, or no row was looked at. */
export function NoExceptions({ loadId, attempt }: Props) {
  if (!attempt) return <EmptyState icon={Hourglass} title="Not run yet">Exceptions appear here when the load has been run.</EmptyState>
  if (isUnderWay(attempt.status)) return <EmptyState icon={Hourglass} title="Still being checked">The attempt is running. Exceptions appear here when it is done.</EmptyState>
  const toLoad = (label: string) => <Button asChild><Link href={`/loads/${loadId}?attempt=${attempt.number}`}>{label}</Link></Button>
  if (attempt.status === 'failed_validation') {
    return (
      <EmptyState icon={Filter} title="No row was looked at" action={toLoad('See what is wrong with the files')}>
        The files were refused before any row was read, so there are no exceptions of rows.
      </EmptyState>
    )
  }
  if (attempt.status === 'failed' || attempt.status === 'cancelled') {
    return (
      <EmptyState icon={Filter} title="No exceptions were kept" action={toLoad('See what happened')}>
        The attempt ended before its exceptions were written. Nothing reached production.
      </EmptyState>
    )
  }
  return <EmptyState icon={CircleCheck} title="No exceptions">Every row came in as it was sent.</EmptyState>
}

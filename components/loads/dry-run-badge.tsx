import { FlaskConical } from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import { StatusBadge } from '#components/ui/status-badge.tsx'

/** Beside a status: nothing of it is written to production. */
export function DryRunBadge() {
  return <Badge tone="outline" title="A dry run does everything and takes it back: nothing of it is written to production"><FlaskConical aria-hidden />Dry run</Badge>
}

/** The status of a load, and whether it is that of a dry run. */
export function LoadBadges({ status, dryRun }: { status: string; dryRun: boolean }) {
  return <span className="flex items-center gap-1"><StatusBadge status={status} />{dryRun ? <DryRunBadge /> : null}</span>
}

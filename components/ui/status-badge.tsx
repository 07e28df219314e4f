import {
  Ban, CircleAlert, CircleCheck, CircleDashed, CircleX, Clock, FileX, LoaderCircle, Upload, type LucideIcon,
} from 'lucide-react'
import type { LoadStatus } from '#lib/load-status.ts'
import { Badge, type BadgeTone } from './badge.tsx'

type Look = { word: string; tone: BadgeTone; icon: LucideIcon; spins?: true }

const looks = {
  draft: { word: 'Draft', tone: 'neutral', icon: CircleDashed },
  uploading: { word: 'Uploading', tone: 'info', icon: Upload },
  queued: { word: 'Queued', tone: 'neutral', icon: Clock },
  running: { word: 'Running', tone: 'info', icon: LoaderCircle, spins: true },
  completed: { word: 'Completed', tone: 'success', icon: CircleCheck },
  completed_with_exceptions: { word: 'Completed with exceptions', tone: 'warning', icon: CircleAlert },
  failed_validation: { word: 'Failed validation', tone: 'danger', icon: FileX },
  failed: { word: 'Failed', tone: 'danger', icon: CircleX },
  cancelled: { word: 'Cancelled', tone: 'neutral', icon: Ban },
} satisfies Record<LoadStatus, Look>

const lookOf = (status: string): Look => looks[status as LoadStatus] ?? { word: status, tone: 'neutral', icon: CircleDashed }

/** The word for a load's or attempt's status, as on every screen. */
export function statusWord(status: string): string {
  return lookOf(status).word
}

/** A status as icon, word and colour. */
export function StatusBadge({ status, className }: { status: string; className?: string }) {
  const { word, tone, icon: Icon, spins } = lookOf(status)
  return (
    <Badge tone={tone} className={className}>
      <Icon aria-hidden className={spins ? 'size-3.5 animate-spin' : 'size-3.5'} />
      <span className="truncate">{word}</span>
    </Badge>
  )
}

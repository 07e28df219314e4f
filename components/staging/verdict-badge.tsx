import { CircleCheck, CirclePlus, CircleX, Copy, Equal, Layers2, PenLine, type LucideIcon } from 'lucide-react'
import { Badge, type BadgeTone } from '#components/ui/badge.tsx'
import type { Verdict } from '#lib/data/staging.ts'

const looks: Record<Verdict, { word: string; tone: BadgeTone; icon: LucideIcon; means: string }> = {
  new: { word: 'New', tone: 'success', icon: CirclePlus, means: 'accepted, and made a new row in production' },
  changed: { word: 'Changed', tone: 'info', icon: PenLine, means: 'accepted, and changed a row in production' },
  unchanged: { word: 'Unchanged', tone: 'neutral', icon: Equal, means: 'accepted; the same as last imported, so nothing was written' },
  rejected: { word: 'Rejected', tone: 'danger', icon: CircleX, means: 'left out' },
  superseded: { word: 'Superseded', tone: 'warning', icon: Layers2, means: 'left out: its key comes again later with other values' },
  identical: { word: 'Identical', tone: 'neutral', icon: Copy, means: 'left out: its key comes again later with the same values' },
  valid: { word: 'Valid', tone: 'outline', icon: CircleCheck, means: 'valid by its own values; not matched with production' },
}

/** `New`, `Rejected`, … */
export const verdictWord = (verdict: Verdict): string => looks[verdict].word
/** What became of a record with that verdict, as half a sentence. */
export const verdictMeans = (verdict: Verdict): string => looks[verdict].means

/** What became of a record, as icon, word and colour. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const { word, tone, icon: Icon, means } = looks[verdict]
  return <Badge tone={tone} title={means}><Icon aria-hidden />{word}</Badge>
}

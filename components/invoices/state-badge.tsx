import { Ban, CircleCheck, CircleDashed, CircleDollarSign, Clock, Minus, Wrench, type LucideIcon } from 'lucide-react'
import { Badge, type BadgeTone } from '#components/ui/badge.tsx'
import { stateWord } from './words.ts'

const looks: Record<string, { tone: BadgeTone; icon: LucideIcon }> = {
  draft: { tone: 'neutral', icon: CircleDashed },
  pending: { tone: 'neutral', icon: Clock },
  in_progress: { tone: 'info', icon: Wrench },
  completed: { tone: 'outline', icon: CircleCheck },
  cancelled: { tone: 'neutral', icon: Ban },
  paid: { tone: 'success', icon: CircleDollarSign },
}

/** An invoice's state as icon, word and colour. */
export function StateBadge({ state }: { state: string | null }) {
  const { tone, icon: Icon } = looks[state ?? ''] ?? { tone: 'neutral' as const, icon: Minus }
  return <Badge tone={tone}><Icon aria-hidden />{stateWord(state)}</Badge>
}

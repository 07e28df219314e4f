import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import type { HealthState } from '#lib/data/health.ts'

const looks = {
  ok: { word: 'Good', tone: 'success', icon: CircleCheck },
  warning: { word: 'Watch', tone: 'warning', icon: TriangleAlert },
  down: { word: 'Not working', tone: 'danger', icon: CircleX },
} as const

/** The state of a part of the system as icon, word and colour. */
export function StateBadge({ state }: { state: HealthState }) {
  const { word, tone, icon: Icon } = looks[state]
  return <Badge tone={tone}><Icon aria-hidden />{word}</Badge>
}

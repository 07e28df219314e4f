import { CircleX, TriangleAlert } from 'lucide-react'
import { cn } from '#components/ui/cn.ts'
import type { Severity } from '#lib/contract/codes.ts'

const looks = {
  error: { icon: CircleX, word: 'Error', colour: 'text-danger' },
  warning: { icon: TriangleAlert, word: 'Warning', colour: 'text-warning' },
} as const

/** The severity as icon and colour, with its word for screen readers (or for everybody with `word`). */
export function SeverityMark({ severity, word = false, className }: { severity: Severity; word?: boolean; className?: string }) {
  const { icon: Icon, word: text, colour } = looks[severity]
  return (
    <span className={cn('inline-flex items-center gap-1.5 font-medium', colour, className)}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className={word ? undefined : 'sr-only'}>{text}</span>
    </span>
  )
}

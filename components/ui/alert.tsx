import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'

const looks = {
  info: { icon: Info, classes: 'border-info-border bg-info-subtle', word: 'text-info' },
  success: { icon: CircleCheck, classes: 'border-success-border bg-success-subtle', word: 'text-success' },
  warning: { icon: TriangleAlert, classes: 'border-warning-border bg-warning-subtle', word: 'text-warning' },
  danger: { icon: CircleAlert, classes: 'border-danger-border bg-danger-subtle', word: 'text-danger' },
}

type Props = { tone?: keyof typeof looks; title?: ReactNode; children?: ReactNode; action?: ReactNode; className?: string; /** Read out at once when it appears. */ live?: boolean }

/** A message that stays on the page. */
export function Alert({ tone = 'info', title, children, action, className, live = false }: Props) {
  const { icon: Icon, classes, word } = looks[tone]
  return (
    <div role={live ? 'alert' : undefined} className={cn('flex items-start gap-2.5 rounded-lg border px-3 py-2.5 text-13', classes, className)}>
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', word)} />
      <div className="min-w-0 flex-1">
        {title ? <p className={cn('font-medium', word)}>{title}</p> : null}
        {children ? <div className="text-foreground">{children}</div> : null}
      </div>
      {action}
    </div>
  )
}

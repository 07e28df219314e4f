import type { ReactNode } from 'react'
import { cn } from '#components/ui/cn.ts'

/** Facts as pairs of a name and a value. What is not known is a dash. */
export function Facts({ className, children }: { className?: string; children: ReactNode }) {
  return <dl className={cn('grid gap-x-6 gap-y-3 text-13', className)}>{children}</dl>
}

export function Fact({ name, children, className }: { name: string; children: ReactNode; className?: string }) {
  const known = children !== null && children !== undefined && children !== ''
  return (
    <div className={cn('min-w-0', className)}>
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="mt-0.5 break-words whitespace-pre-line">{known ? children : <span className="text-muted-foreground">—</span>}</dd>
    </div>
  )
}

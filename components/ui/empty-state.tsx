import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'

type Props = { icon?: LucideIcon; title: string; children?: ReactNode; action?: ReactNode; className?: string; as?: 'h1' | 'h2' | 'h3' | 'p' }

/** There is nothing here, why that is, and what to do. For "could not be read" use ErrorState. */
export function EmptyState({ icon: Icon, title, children, action, className, as: Heading = 'h2' }: Props) {
  return (
    <div className={cn('flex flex-col items-center justify-center px-6 py-12 text-center', className)}>
      {Icon ? (
        <span className="mb-3 grid size-10 place-items-center rounded-lg border bg-surface text-muted-foreground"><Icon aria-hidden className="size-5" /></span>
      ) : null}
      <Heading className="text-sm font-semibold">{title}</Heading>
      {children ? <div className="mt-1 max-w-md text-13 text-muted-foreground">{children}</div> : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  )
}

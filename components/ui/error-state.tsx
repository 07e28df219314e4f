import { CircleAlert, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'

type Props = {
  title: string
  children?: ReactNode
  /** The id under which the error is in the log. */
  reference?: string
  onRetry?: () => void
  action?: ReactNode
  className?: string
  as?: 'h1' | 'h2' | 'h3' | 'p'
}

/** Something could not be read or done: what, the reference to pass on, and a way to try again. */
export function ErrorState({ title, children, reference, onRetry, action, className, as: Heading = 'h2' }: Props) {
  return (
    <div role="alert" className={cn('flex flex-col items-center justify-center px-6 py-12 text-center', className)}>
      <span className="mb-3 grid size-10 place-items-center rounded-lg border border-danger-border bg-danger-subtle text-danger"><CircleAlert aria-hidden className="size-5" /></span>
      <Heading className="text-sm font-semibold">{title}</Heading>
      {children ? <div className="mt-1 max-w-md text-13 text-muted-foreground">{children}</div> : null}
      {reference ? <p className="mt-2 text-13 text-muted-foreground">Reference <code className="rounded-sm bg-muted px-1 py-0.5 font-mono text-xs text-foreground">{reference}</code></p> : null}
      {onRetry || action ? (
        <div className="mt-4 flex flex-wrap justify-center gap-2">
          {onRetry ? <Button onClick={onRetry}><RotateCw aria-hidden />Try again</Button> : null}
          {action}
        </div>
      ) : null}
    </div>
  )
}

import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

/** The place of something that is still being read. */
export function Skeleton({ className, ...props }: ComponentProps<'div'>) {
  return <div aria-hidden className={cn('h-4 animate-pulse rounded-md bg-muted', className)} {...props} />
}

/** A table that is still being read. */
export function TableSkeleton({ rows = 8, columns = 5, label = 'Loading' }: { rows?: number; columns?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="rounded-lg border bg-card">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex gap-6 border-b px-3 py-3 last:border-b-0">
          {Array.from({ length: columns }, (_, column) => (
            <Skeleton key={column} className={cn('h-3.5 flex-1', column === 0 && 'flex-[1.6]')} />
          ))}
        </div>
      ))}
    </div>
  )
}

/** A whole page that is still being read: its heading and a table. For `loading.tsx`. */
export function PageSkeleton() {
  return (
    <div className="grid gap-6">
      <div className="grid gap-2"><Skeleton className="h-6 w-56" /><Skeleton className="w-80 max-w-full" /></div>
      <TableSkeleton />
    </div>
  )
}

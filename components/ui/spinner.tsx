import { LoaderCircle } from 'lucide-react'
import { cn } from './cn.ts'

/** Something is going on. Without a label the text beside it must say what. */
export function Spinner({ className, label }: { className?: string; label?: string }) {
  return (
    <LoaderCircle
      className={cn('size-4 animate-spin', className)}
      {...(label ? { role: 'status', 'aria-label': label } : { 'aria-hidden': true })}
    />
  )
}

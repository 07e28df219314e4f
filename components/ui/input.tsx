import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

export const controlClasses =
  'h-8 w-full min-w-0 rounded-md border border-input bg-card px-2.5 text-13 text-foreground shadow-xs transition-colors placeholder:text-muted-foreground disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-danger'

export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return <input type={type} className={cn(controlClasses, className)} {...props} />
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(controlClasses, 'h-auto min-h-20 py-2', className)} {...props} />
}

import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

/** A bordered box for one subject: CardHeader (CardTitle, CardDescription, CardActions), CardContent, CardFooter. */
export function Card({ className, ...props }: ComponentProps<'section'>) {
  return <section className={cn('rounded-lg border bg-card text-card-foreground', className)} {...props} />
}

export function CardHeader({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('flex flex-wrap items-start gap-x-4 gap-y-2 px-4 pt-3.5 pb-3', className)} {...props} />
}

/** The heading of a card; `as="h3"` below another card's heading. */
export function CardTitle({ className, as: Heading = 'h2', ...props }: ComponentProps<'h2'> & { as?: 'h2' | 'h3' }) {
  return <Heading className={cn('text-sm leading-5 font-semibold', className)} {...props} />
}

export function CardDescription({ className, ...props }: ComponentProps<'p'>) {
  return <p className={cn('mt-0.5 text-13 text-muted-foreground', className)} {...props} />
}

export function CardActions({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('ml-auto flex items-center gap-2', className)} {...props} />
}

export function CardContent({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('px-4 pb-4', className)} {...props} />
}

export function CardFooter({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('flex items-center gap-2 border-t px-4 py-3', className)} {...props} />
}

'use client'

import Link from 'next/link'
import { Tabs as Primitive } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'

const listClasses = 'flex items-center gap-1 overflow-x-auto border-b'
const tabClasses =
  'relative inline-flex h-9 shrink-0 items-center gap-1.5 rounded-t-md px-2.5 text-13 font-medium text-muted-foreground after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-full hover:text-foreground focus-visible:-outline-offset-2 data-[state=active]:text-foreground data-[state=active]:after:bg-foreground'

export const Tabs = Primitive.Root
export function TabsList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  return <Primitive.List className={cn(listClasses, className)} {...props} />
}
export function TabsTrigger({ className, ...props }: ComponentProps<typeof Primitive.Trigger>) {
  return <Primitive.Trigger className={cn(tabClasses, className)} {...props} />
}
export function TabsContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return <Primitive.Content className={cn('pt-4', className)} {...props} />
}

export type LinkTab = { href: string; label: ReactNode; current: boolean; count?: ReactNode }

/** Tabs that are pages of their own (or filters in the address): links that look like tabs. */
export function LinkTabs({ label, tabs, className }: { label: string; tabs: LinkTab[]; className?: string }) {
  return (
    <nav aria-label={label} className={cn(listClasses, className)}>
      {tabs.map(({ href, label: text, current, count }) => (
        <Link key={href} href={href} aria-current={current ? 'page' : undefined} data-state={current ? 'active' : 'inactive'} className={tabClasses}>
          {text}
          {count === undefined ? null : <span className="rounded-full bg-muted px-1.5 text-xs font-normal text-muted-foreground tabular-nums">{count}</span>}
        </Link>
      ))}
    </nav>
  )
}

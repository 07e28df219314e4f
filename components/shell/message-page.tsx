import type { LucideIcon } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'

/** A page that only says something: what is not there or not allowed, and where to go. */
export function MessagePage({ icon, title, children }: { icon: LucideIcon; title: string; children: ReactNode }) {
  return (
    <EmptyState as="h1" icon={icon} title={title} className="min-h-[60vh]" action={<Button asChild variant="primary"><Link href="/">Go to the home page</Link></Button>}>
      {children}
    </EmptyState>
  )
}

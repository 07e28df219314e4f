'use client'

import { Menu } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Sheet, SheetContent, SheetTitle, SheetTrigger } from '#components/ui/sheet.tsx'
import type { Role } from '#lib/auth/permissions.ts'
import { Logo } from './logo.tsx'
import { SideNav } from './side-nav.tsx'

/** The sidebar of narrow screens. */
export function MobileNav({ user }: { user: { role: Role } }) {
  const [open, setOpen] = useState(false)
  return (
    <Sheet open={open} onOpenChange={setOpen}>
      <SheetTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="Open the menu" className="-ml-1 md:hidden"><Menu aria-hidden /></Button>
      </SheetTrigger>
      <SheetContent side="left" className="w-64 gap-5 p-3">
        <SheetTitle className="px-2 pt-1.5"><Logo /></SheetTitle>
        <SideNav user={user} onNavigate={() => setOpen(false)} />
      </SheetContent>
    </Sheet>
  )
}

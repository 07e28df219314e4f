'use client'

import { Search } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Kbd } from '#components/ui/kbd.tsx'
import type { Role } from '#lib/auth/permissions.ts'
import { goTo } from './leaving.ts'
import { focusFilter, pageFilter } from './page-filter.ts'
import { placesFor } from './places.ts'
import { singleKeysOn } from './single-keys.ts'

// Read when it is first opened: most visits never do.
const PaletteDialog = dynamic(() => import('./palette-dialog.tsx').then((module) => module.PaletteDialog), { ssr: false })

// The two keys of a jump belong together when they come this close.
const JUMP_MS = 1_000

/** Ctrl-K or Cmd-K: go anywhere, start a load, find a load. G and then a letter jumps to a page; / goes to the page's filter. */
export function CommandPalette({ user }: { user: { role: Role } }) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const [opened, setOpened] = useState(false)
  const show = (next: boolean) => {
    setOpen(next)
    if (next) setOpened(true)
  }

  useEffect(() => {
    const jumps = new Map(placesFor(user).flatMap(({ places }) => places).map(({ jump, href }) => [jump, href]))
    let pressedG = 0
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault()
        setOpened(true)
        setOpen((before) => !before)
        return
      }
      const typing = (event.target as HTMLElement).closest?.('input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]')
      if (typing || event.metaKey || event.ctrlKey || event.altKey || !singleKeysOn()) return
      const filter = event.key === '/' ? pageFilter() : null
      if (filter) {
        event.preventDefault()
        focusFilter(filter)
        return
      }
      const href = event.timeStamp - pressedG < JUMP_MS ? jumps.get(event.key.toLowerCase()) : undefined
      pressedG = event.key.toLowerCase() === 'g' ? event.timeStamp : 0
      if (!href) return
      event.preventDefault()
      goTo(router, href)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [router, user])

  return (
    <>
      <Button variant="outline" className="gap-2 text-muted-foreground max-sm:w-8 max-sm:px-0" onClick={() => show(true)} aria-label="Search and commands" aria-keyshortcuts="Control+K Meta+K">
        <Search aria-hidden />
        <span className="max-sm:hidden">Find or go to</span>
        <Kbd className="max-sm:hidden">Ctrl K</Kbd>
      </Button>
      {opened ? <PaletteDialog user={user} open={open} onOpenChange={show} /> : null}
    </>
  )
}

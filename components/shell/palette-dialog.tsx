'use client'

import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { FileText, Layers, ListFilter, Moon, Search, Sun, type LucideIcon } from 'lucide-react'
import { useTheme } from 'next-themes'
import { useRouter } from 'next/navigation'
import { useDeferredValue, useRef, useState, type ReactNode } from 'react'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { cn } from '#components/ui/cn.ts'
import { Dialog, DialogContent, DialogTitle } from '#components/ui/dialog.tsx'
import { Kbd } from '#components/ui/kbd.tsx'
import { can, type Role } from '#lib/auth/permissions.ts'
import type { Found } from '#lib/data/search.ts'
import { looksLikeId } from '#lib/invoices/looks-like-id.ts'
import { goTo } from './leaving.ts'
import { focusFilter, pageFilter } from './page-filter.ts'
import { newLoad, placesFor } from './places.ts'
import { useSingleKeys } from './single-keys.ts'

type Props = { user: { role: Role }; open: boolean; onOpenChange: (open: boolean) => void }

async function searchById(text: string, signal: AbortSignal): Promise<Found> {
  const response = await fetch(`/api/v1/search?q=${encodeURIComponent(text)}`, { signal })
  if (!response.ok) throw new Error(`the search answered ${response.status}`)
  return (await response.json()) as Found
}

export function PaletteDialog({ user, open, onOpenChange }: Props) {
  const router = useRouter()
  const { resolvedTheme, setTheme } = useTheme()
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed.trim())
  const search = useQuery({ queryKey: ['search', text], queryFn: ({ signal }) => searchById(text, signal), enabled: open && text.length >= 2 && looksLikeId(text) })
  const run = (action: () => void) => {
    onOpenChange(false)
    setTyped('')
    action()
  }
  const [singleKeys] = useSingleKeys()
  const dark = resolvedTheme === 'dark'
  const filter = open ? pageFilter() : null
  // Focused once the dialog has gone: until then it keeps the focus to itself.
  const goesTo = useRef<HTMLElement | null>(null)
  const leave = (event: Event) => {
    if (!goesTo.current) return
    event.preventDefault()
    focusFilter(goesTo.current)
    goesTo.current = null
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent aria-describedby={undefined} onCloseAutoFocus={leave} className="block max-w-xl overflow-hidden p-0">
        <DialogTitle className="sr-only">Find or go to</DialogTitle>
        <Command label="Find or go to" loop>
          <div className="flex items-center gap-2 border-b px-3">
            <Search aria-hidden className="size-4 shrink-0 text-muted-foreground" />
            <Command.Input
              value={typed}
              onValueChange={setTyped}
              placeholder="A page, or the id of a load or an invoice"
              className="h-12 flex-1 bg-transparent pr-8 text-sm outline-none placeholder:text-muted-foreground"
            />
          </div>
          <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
            <Command.Empty className="px-3 py-8 text-center text-13 text-muted-foreground">
              {search.isFetching ? 'Looking …' : search.isError ? 'Loads and invoices could not be searched just now.' : 'No page of that name, and no load or invoice with that id.'}
            </Command.Empty>
            {search.data && search.data.loads.length > 0 ? (
              <Group heading="Loads">
                {search.data.loads.map(({ id, loadId, shop, partner, status, dryRun }) => (
                  <Command.Item key={id} value={`load ${id}`} keywords={[text]} onSelect={() => run(() => goTo(router, `/loads/${id}`))} className={cn(itemClasses, 'max-sm:flex-wrap max-sm:gap-y-1 max-sm:py-2')}>
                    <Layers aria-hidden className="size-4 shrink-0 text-muted-foreground" />
                    <span className="min-w-0 flex-1 break-words max-sm:basis-3/4 sm:truncate"><span className="font-medium">{loadId}</span> <span className="text-muted-foreground">{partner} / {shop}</span></span>
                    {/* Below the name where a phone has no room beside it. */}
                    <span className="max-sm:w-full max-sm:pl-6.5"><LoadBadges status={status} dryRun={dryRun} /></span>
                  </Command.Item>
                ))}
              </Group>
            ) : null}
            {search.data && search.data.invoices.length > 0 ? (
              <Group heading="Invoices">
                {search.data.invoices.map(({ id, number, shop }) => (
                  <Command.Item key={id} value={`invoice ${id}`} keywords={[text]} onSelect={() => run(() => goTo(router, `/invoices/${id}`))} className={itemClasses}>
                    <FileText aria-hidden className="size-4 shrink-0 text-muted-foreground" />
                    <span className="min-w-0 flex-1 truncate"><span className="font-medium">{number}</span> <span className="text-muted-foreground">{shop}</span></span>
                  </Command.Item>
                ))}
              </Group>
            ) : null}
            {can(user, newLoad.permission) || filter ? (
              <Group heading="Do">
                {can(user, newLoad.permission) ? <Item icon={newLoad.icon} label={newLoad.label} onSelect={() => run(() => goTo(router, newLoad.href))} /> : null}
                {filter ? <Item icon={ListFilter} label="Filter this page" onSelect={() => run(() => (goesTo.current = filter))}>{singleKeys ? <Kbd>/</Kbd> : null}</Item> : null}
              </Group>
            ) : null}
            <Group heading="Go to">
              {placesFor(user).flatMap(({ places }) => places).map(({ href, label, icon, jump }) => (
                <Item key={href} icon={icon} label={label} onSelect={() => run(() => goTo(router, href))}>
                  {singleKeys ? <span className="flex gap-1"><Kbd>G</Kbd><Kbd>{jump.toUpperCase()}</Kbd></span> : null}
                </Item>
              ))}
            </Group>
            <Group heading="Theme">
              <Item icon={dark ? Sun : Moon} label={dark ? 'Switch to light' : 'Switch to dark'} onSelect={() => run(() => setTheme(dark ? 'light' : 'dark'))} />
            </Group>
          </Command.List>
        </Command>
      </DialogContent>
    </Dialog>
  )
}

const itemClasses = 'flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2 text-13 data-[selected=true]:bg-accent'

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group heading={heading} className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted-foreground">
      {children}
    </Command.Group>
  )
}

function Item({ icon: Icon, label, onSelect, children }: { icon: LucideIcon; label: string; onSelect: () => void; children?: ReactNode }) {
  return (
    <Command.Item value={label} onSelect={onSelect} className={itemClasses}>
      <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {children}
    </Command.Item>
  )
}

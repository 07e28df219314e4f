'use client'

import { Keyboard, LogOut, UserRound } from 'lucide-react'
import Link from 'next/link'
import { roleWords } from '#components/account/role-words.ts'
import {
  DropdownMenu, DropdownMenuCheckboxItem, DropdownMenuContent, DropdownMenuItem, DropdownMenuSeparator, DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx'
import { signOut } from '#lib/auth/browser.ts'
import type { Role } from '#lib/auth/permissions.ts'
import { useSingleKeys } from './single-keys.ts'
import { ThemeItems } from './theme-items.tsx'

/** Who is signed in and sees what, the theme, and the way out. */
export function AccountMenu({ user, partner }: { user: { name: string; email: string; role: Role }; partner: string | null }) {
  const [singleKeys, setSingleKeys] = useSingleKeys()
  const initials = user.name.split(/\s+/).map((word) => word[0]).slice(0, 2).join('').toUpperCase()
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={`Account of ${user.name}`}
        className="grid size-8 place-items-center rounded-full border bg-secondary text-xs font-semibold text-secondary-foreground hover:bg-accent"
      >
        <span aria-hidden>{initials}</span>
      </DropdownMenuTrigger>
      <DropdownMenuContent className="w-60">
        <div className="px-2 py-1.5">
          <p className="truncate text-13 font-medium">{user.name}</p>
          <p className="truncate text-xs text-muted-foreground">{user.email}</p>
          <p className="mt-1 text-xs text-muted-foreground">Role: {roleWords[user.role].word}</p>
          {partner === null ? null : <p className="truncate text-xs text-muted-foreground">Partner: {partner}</p>}
        </div>
        <DropdownMenuSeparator />
        <ThemeItems />
        <DropdownMenuSeparator />
        <DropdownMenuCheckboxItem checked={singleKeys} onCheckedChange={setSingleKeys}><Keyboard aria-hidden />Single-key shortcuts</DropdownMenuCheckboxItem>
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild><Link href="/account"><UserRound aria-hidden />Your account</Link></DropdownMenuItem>
        <DropdownMenuItem onSelect={() => void signOut()}><LogOut aria-hidden />Sign out</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

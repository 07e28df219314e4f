'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '#components/ui/cn.ts'
import type { Role } from '#lib/auth/permissions.ts'
import { isWithin, placesFor } from './places.ts'

/** The places a person may go to; used in the sidebar and, on narrow screens, in the sheet. */
export function SideNav({ user, onNavigate }: { user: { role: Role }; onNavigate?: () => void }) {
  const pathname = usePathname()
  return (
    <nav aria-label="Main" className="flex flex-col gap-4">
      {placesFor(user).map(({ label, places }) => (
        <div key={label}>
          <p className="mb-1 px-2 text-2xs font-medium text-muted-foreground">{label}</p>
          <ul className="grid gap-0.5">
            {places.map(({ href, label: text, icon: Icon }) => {
              const current = isWithin(pathname, href)
              return (
                <li key={href}>
                  <Link
                    href={href}
                    onClick={onNavigate}
                    aria-current={current ? 'page' : undefined}
                    className={cn(
                      'flex h-8 items-center gap-2.5 rounded-md px-2 text-13 font-medium text-muted-foreground transition-colors hover:bg-accent hover:text-foreground',
                      current && 'bg-accent text-foreground',
                    )}
                  >
                    <Icon aria-hidden className="size-4 shrink-0" />
                    {text}
                  </Link>
                </li>
              )
            })}
          </ul>
        </div>
      ))}
    </nav>
  )
}

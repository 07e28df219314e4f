import Link from 'next/link'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { can } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { AccountMenu } from './account-menu.tsx'
import { CommandPalette } from './command-palette.tsx'
import { ConnectionNotice } from './connection-notice.tsx'
import { EnvironmentTag } from './environment-tag.tsx'
import { Logo } from './logo.tsx'
import { MobileNav } from './mobile-nav.tsx'
import { newLoad } from './places.ts'
import { PortalProviders } from './portal-providers.tsx'
import { SideNav } from './side-nav.tsx'

type Props = { user: CurrentUser; /** The one partner that the person sees; null: all. */ partner: string | null; environment: string; children: ReactNode }

/** The frame of every page: sidebar, top bar, and the page as the one main region. */
export function AppShell({ user, partner, environment, children }: Props) {
  return (
    <PortalProviders>
      <div className="flex min-h-dvh">
        <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-primary focus:px-3 focus:py-2 focus:text-13 focus:text-primary-foreground">
          Skip to the page
        </a>
        <aside className="print-hidden sticky top-0 hidden h-dvh w-56 shrink-0 flex-col gap-5 overflow-y-auto border-r bg-surface p-3 md:flex">
          <Link href="/" className="rounded-md px-2 pt-1.5" aria-label="Onramp, home"><Logo /></Link>
          <SideNav user={user} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="print-hidden sticky top-0 z-30 flex h-12 items-center gap-2 border-b bg-background/95 px-4 backdrop-blur-sm md:px-6">
            <MobileNav user={user} />
            <EnvironmentTag environment={environment} />
            <div className="ml-auto flex items-center gap-2">
              <CommandPalette user={user} />
              {can(user, newLoad.permission) ? (
                <Button asChild variant="primary" className="max-sm:w-8 max-sm:px-0">
                  <Link href={newLoad.href}><newLoad.icon aria-hidden /><span className="max-sm:sr-only">{newLoad.label}</span></Link>
                </Button>
              ) : null}
              <AccountMenu user={user} partner={partner} />
            </div>
          </header>
          <ConnectionNotice />
          <main id="main" tabIndex={-1} className="mx-auto w-full max-w-[90rem] flex-1 px-4 py-5 outline-none md:px-6 md:py-6">
            {children}
          </main>
        </div>
      </div>
    </PortalProviders>
  )
}

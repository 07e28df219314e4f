import type { ReactNode } from 'react'
import { AppShell } from '#components/shell/app-shell.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'
import { ownPartner } from '#lib/data/shops.ts'

/** Everything behind the login. */
export default async function PortalLayout({ children }: { children: ReactNode }) {
  const user = await requireUser()
  return <AppShell user={user} partner={(await ownPartner(user))?.name ?? null} environment={config().ONRAMP_ENVIRONMENT}>{children}</AppShell>
}

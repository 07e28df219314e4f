import type { ReactNode } from 'react'
import { AppShell } from '#components/shell/app-shell.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'

/** Everything behind the login. */
export default async function PortalLayout({ children }: { children: ReactNode }) {
  const user = await requireUser()
  return <AppShell user={user} environment={config().ONRAMP_ENVIRONMENT}>{children}</AppShell>
}

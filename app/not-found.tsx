import { SearchX } from 'lucide-react'
import { AppShell } from '#components/shell/app-shell.tsx'
import { MessagePage } from '#components/shell/message-page.tsx'
import { currentUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'
import { ownPartner } from '#lib/data/shops.ts'

export const metadata = { title: 'Not found' }

/** An address that no page has. People who are signed in keep their frame around it. */
export default async function NotFound() {
  const user = await currentUser()
  const message = (
    <MessagePage icon={SearchX} title="This page does not exist">
      <p>The address may be misspelled.</p>
    </MessagePage>
  )
  return user ? <AppShell user={user} partner={(await ownPartner(user))?.name ?? null} environment={config().ONRAMP_ENVIRONMENT}>{message}</AppShell> : <main className="min-h-dvh">{message}</main>
}

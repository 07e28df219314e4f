import { SearchX } from 'lucide-react'
import dynamic from 'next/dynamic'
import { MessagePage } from '#components/shell/message-page.tsx'
import { currentUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'

// This page's code comes with every page, so the frame is read only when it is needed.
const AppShell = dynamic(() => import('#components/shell/app-shell.tsx').then((module) => module.AppShell))

export const metadata = { title: 'Not found' }

/** An address that no page has. People who are signed in keep their frame around it. */
export default async function NotFound() {
  const user = await currentUser()
  const message = (
    <MessagePage icon={SearchX} title="This page does not exist">
      <p>The address may be misspelled.</p>
    </MessagePage>
  )
  return user ? <AppShell user={user} environment={config().ONRAMP_ENVIRONMENT}>{message}</AppShell> : <main className="min-h-dvh">{message}</main>
}

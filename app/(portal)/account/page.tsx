import type { Metadata } from 'next'
import { PasswordCard } from '#components/account/password-card.tsx'
import { roleWords } from '#components/account/role-words.ts'
import { SessionList } from '#components/account/session-list.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireSession, requireUser } from '#lib/auth/session.ts'
import { listOwnSessions } from '#lib/data/sessions.ts'
import { ownPartner } from '#lib/data/shops.ts'
import { orErrorPage } from '#lib/http/page.ts'

export const metadata: Metadata = { title: 'Your account' }

/** One's own account: who one is here, the password, and the sessions. */
export default async function AccountPage() {
  const user = await requireUser('account:own')
  const { email, name, role } = user
  const [sessions, partner] = await orErrorPage(Promise.all([listOwnSessions(await requireSession()), ownPartner(user)]))
  return (
    <div className="grid max-w-5xl grid-cols-[minmax(0,1fr)] gap-5">
      <PageHeader title="Your account" description={<>{name}, {email}. Role: {roleWords[role].word}.{partner ? ` Partner: ${partner.name}.` : ''}</>} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <PasswordCard user={{ email, name }} />
        <SessionList sessions={sessions} />
      </div>
    </div>
  )
}

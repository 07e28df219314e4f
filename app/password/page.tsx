import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { EntryCard } from '#components/account/entry-card.tsx'
import { requireSession } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'
import { ownPath } from '#lib/http/own-path.ts'
import { FirstPassword } from './first-password.tsx'

export const metadata: Metadata = { title: 'Choose a password' }

/** Where somebody replaces a password that another person gave. */
export default async function PasswordPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const next = ownPath((await searchParams).next)
  const { user: { email, name }, mustChangePassword } = await requireSession()
  if (!mustChangePassword) redirect(next)
  return (
    <EntryCard
      title="Choose a password of your own" environment={config().ONRAMP_ENVIRONMENT}
      description="The one you signed in with was given to you, so somebody else may know it. It works for this page only."
    >
      <FirstPassword user={{ email, name }} next={next} />
    </EntryCard>
  )
}

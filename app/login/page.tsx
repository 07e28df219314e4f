import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { EntryCard } from '#components/account/entry-card.tsx'
import { currentUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'
import { ownPath } from '#lib/http/own-path.ts'
import { LoginForm } from './login-form.tsx'

export const metadata: Metadata = { title: 'Sign in' }

export default async function LoginPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const next = ownPath((await searchParams).next)
  if (await currentUser()) redirect(next)
  return (
    <EntryCard
      title="Sign in" environment={config().ONRAMP_ENVIRONMENT} description={<>Bring a shop&apos;s books from another system into ours.</>}
      footer="No account, or the password is lost? Ask an admin of Onramp."
    >
      <LoginForm next={next} />
    </EntryCard>
  )
}

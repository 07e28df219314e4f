import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { EnvironmentTag } from '#components/shell/environment-tag.tsx'
import { Logo } from '#components/shell/logo.tsx'
import { currentUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'
import { ownPath } from '#lib/http/own-path.ts'
import { LoginForm } from './login-form.tsx'

export const metadata: Metadata = { title: 'Sign in' }

export default async function LoginPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const next = ownPath((await searchParams).next)
  if (await currentUser()) redirect(next)
  return (
    <main className="grid min-h-dvh place-items-center bg-surface px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-between">
          <Logo className="text-base" />
          <EnvironmentTag environment={config().ONRAMP_ENVIRONMENT} />
        </div>
        <div className="rounded-xl border bg-card p-6 shadow-xs">
          <h1 className="text-lg font-semibold tracking-tight">Sign in</h1>
          <p className="mt-1 mb-5 text-13 text-muted-foreground">Bring a shop&apos;s books from another system into ours.</p>
          <LoginForm next={next} />
        </div>
        <p className="mt-4 text-center text-xs text-muted-foreground">No account, or the password is lost? Ask an admin of Onramp.</p>
      </div>
    </main>
  )
}

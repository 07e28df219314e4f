import type { ReactNode } from 'react'
import { EnvironmentTag } from '#components/shell/environment-tag.tsx'
import { Logo } from '#components/shell/logo.tsx'

type Props = { title: string; description: ReactNode; environment: string; children: ReactNode; footer?: ReactNode }

/** The frame of the pages before the portal: signing in, choosing a password. */
export function EntryCard({ title, description, environment, children, footer }: Props) {
  return (
    <main className="grid min-h-dvh place-items-center bg-surface px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-between">
          <Logo className="text-base" />
          <EnvironmentTag environment={environment} />
        </div>
        <div className="rounded-xl border bg-card p-6 shadow-xs">
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          <div className="mt-1 mb-5 text-13 text-muted-foreground">{description}</div>
          {children}
        </div>
        {footer ? <div className="mt-4 text-center text-xs text-muted-foreground">{footer}</div> : null}
      </div>
    </main>
  )
}

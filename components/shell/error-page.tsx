'use client'

import { useEffect } from 'react'
import { ErrorState } from '#components/ui/error-state.tsx'
import { DATABASE_AWAY } from '#lib/data/unavailable.ts'
import { portalAnswers } from './portal-answers.ts'

// A database that starts again needs some seconds; who waits should not have to press anything.
const AGAIN_EVERY_MS = 3_000

type Props = { error: unknown; retry: () => void }

/** A page could not be made: because the database is away, which passes, or because something broke. */
export function ErrorPage({ error, retry }: Props) {
  const reference = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
  if (reference === DATABASE_AWAY) return <DatabaseAway retry={retry} />
  return (
    <ErrorState as="h1" title="This page could not be shown" reference={reference} onRetry={retry} className="min-h-[60vh]">
      <p>Something went wrong on our side, or the database does not answer. Nothing was changed. Try again; if it stays, tell an engineer the reference.</p>
    </ErrorState>
  )
}

/** Says so, and asks again by itself until the page can be made. */
function DatabaseAway({ retry }: Pick<Props, 'retry'>) {
  useEffect(() => {
    const asking = setInterval(async () => {
      if (await portalAnswers()) retry()
    }, AGAIN_EVERY_MS)
    return () => clearInterval(asking)
  }, [retry])
  return (
    <ErrorState as="h1" title="The database does not answer" onRetry={retry} className="min-h-[60vh]">
      <p>Nothing is lost, and you are still signed in. This page asks again every few seconds and comes back by itself. If it stays away for minutes, tell an engineer.</p>
    </ErrorState>
  )
}

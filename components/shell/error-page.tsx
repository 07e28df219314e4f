'use client'

import { ErrorState } from '#components/ui/error-state.tsx'

/** Something broke while a page was made: the reference that is in the log beside the cause, and a way to try again. */
export function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  const reference = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
  return (
    <ErrorState as="h1" title="This page could not be shown" reference={reference} onRetry={retry} className="min-h-[60vh]">
      <p>Something went wrong on our side, or the database does not answer. Nothing was changed. Try again; if it stays, tell an engineer the reference.</p>
    </ErrorState>
  )
}

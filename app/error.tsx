'use client'

import { ErrorPage } from '#components/shell/error-page.tsx'

/** The frame itself, or the login page, could not be shown. */
export default function RootError({ error, retry }: { error: unknown; retry: () => void }) {
  return <main className="min-h-dvh"><ErrorPage error={error} retry={retry} /></main>
}

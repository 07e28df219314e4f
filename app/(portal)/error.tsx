'use client'

import { ErrorPage } from '#components/shell/error-page.tsx'

/** A page that could not be shown; the frame around it stays. */
export default function PortalError({ error, retry }: { error: unknown; retry: () => void }) {
  return <ErrorPage error={error} retry={retry} />
}

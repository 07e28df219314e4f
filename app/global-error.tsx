'use client'

import './globals.css'
import { ErrorPage } from '#components/shell/error-page.tsx'

/** Even the outermost layout failed: a document of its own. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en" data-alive="">
      <head><title>Onramp</title></head>
      <body className="min-h-dvh font-sans"><main><ErrorPage error={error} retry={retry} /></main></body>
    </html>
  )
}

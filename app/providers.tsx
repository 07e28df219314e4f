'use client'

import { ThemeProvider } from 'next-themes'
import { useEffect, type ReactNode } from 'react'

/** What every page may rely on in the browser: the theme, and that presses are heard. The portal's own are in components/shell/portal-providers.tsx. */
export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  // What globals.css waits for.
  useEffect(() => void (document.documentElement.dataset.alive = ''), [])
  return <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>{children}</ThemeProvider>
}

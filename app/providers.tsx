'use client'

import { ThemeProvider } from 'next-themes'
import type { ReactNode } from 'react'

/** What every page may rely on in the browser: the theme. The portal's own are in components/shell/portal-providers.tsx. */
export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  return <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>{children}</ThemeProvider>
}

'use client'

import { useTheme } from 'next-themes'
import { Toaster as Sonner } from 'sonner'

/** Where toasts appear. They confirm what was done; errors belong on the page. */
export function Toaster() {
  const { resolvedTheme } = useTheme()
  return <Sonner theme={resolvedTheme === 'dark' ? 'dark' : 'light'} position="bottom-right" closeButton toastOptions={{ className: 'font-sans!' }} />
}

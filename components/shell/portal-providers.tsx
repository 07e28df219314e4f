'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { useState, type ReactNode } from 'react'
import { Toaster } from '#components/ui/toaster.tsx'
import { TooltipProvider } from '#components/ui/tooltip.tsx'

/** What pages behind the login may rely on in the browser: state in the address, queries, tooltips and toasts. */
export function PortalProviders({ children }: { children: ReactNode }) {
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 1 } } }))
  return (
    <NuqsAdapter>
      <QueryClientProvider client={queries}>
        <TooltipProvider delayDuration={250}>{children}</TooltipProvider>
        <Toaster />
      </QueryClientProvider>
    </NuqsAdapter>
  )
}

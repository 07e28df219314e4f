'use client'

import { CloudOff } from 'lucide-react'
import { useOffline } from 'next/offline'

/** Says that the portal cannot be reached, for as long as that is so. What was pressed or read meanwhile is asked for again when it answers. */
export function ConnectionNotice() {
  const away = useOffline()
  return (
    <div role="status" className="print-hidden sticky top-12 z-30">
      {away ? (
        <p className="flex items-start gap-2.5 border-b border-warning-border bg-warning-subtle px-4 py-2 text-13 md:px-6">
          <CloudOff aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
          <span>The portal cannot be reached. This page goes on by itself as soon as it answers.</span>
        </p>
      ) : null}
    </div>
  )
}

'use client'

import { useEffect, useState } from 'react'
import { guardLeaving } from '#components/shell/leaving.ts'

/**
 * Asks before an upload is left: the browser's own question when the tab is closed or reloaded, and ours for links, jumps and
 * the palette of the portal. Gives the address that was asked for, and a way to forget it.
 */
export function useLeaveGuard(active: boolean): { leavingTo: string | null; stay: () => void } {
  const [leavingTo, setLeavingTo] = useState<string | null>(null)
  useEffect(() => {
    if (!active) return
    const unloading = (event: BeforeUnloadEvent) => event.preventDefault()
    const clicked = (event: MouseEvent) => {
      const link = (event.target as Element).closest('a[href]')
      if (!(link instanceof HTMLAnchorElement) || event.metaKey || event.ctrlKey || event.shiftKey || link.target === '_blank') return
      if (link.origin !== location.origin || link.pathname + link.search === location.pathname + location.search) return
      event.preventDefault()
      event.stopPropagation()
      setLeavingTo(link.pathname + link.search)
    }
    window.addEventListener('beforeunload', unloading)
    document.addEventListener('click', clicked, { capture: true })
    const free = guardLeaving(setLeavingTo)
    return () => {
      free()
      window.removeEventListener('beforeunload', unloading)
      document.removeEventListener('click', clicked, { capture: true })
    }
  }, [active])
  return { leavingTo, stay: () => setLeavingTo(null) }
}

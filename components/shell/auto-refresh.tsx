'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'scroll'] as const
// Reading a page keeps the session alive, so it stops when nobody is there any more.
const WHILE_SEEN_MS = 10 * 60_000

/** Reads the page again every few seconds while somebody looks at it. */
export function AutoRefresh({ seconds }: { seconds: number }) {
  const router = useRouter()
  useEffect(() => {
    let seenAt = Date.now()
    const seen = () => {
      seenAt = Date.now()
    }
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, seen, { passive: true })
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && Date.now() - seenAt < WHILE_SEEN_MS) router.refresh()
    }, seconds * 1000)
    return () => {
      clearInterval(timer)
      for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, seen)
    }
  }, [router, seconds])
  return null
}

'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { portalAnswers } from './portal-answers.ts'

const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'scroll'] as const
// Reading a page keeps the session alive, so it stops when nobody is there any more.
const WHILE_SEEN_MS = 10 * 60_000

/** Reads the page again every few seconds while somebody looks at it. While the portal cannot be reached the page stays as it was. */
export function AutoRefresh({ seconds }: { seconds: number }) {
  const router = useRouter()
  useEffect(() => {
    let seenAt = Date.now()
    const seen = () => {
      seenAt = Date.now()
    }
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, seen, { passive: true })
    const timer = setInterval(async () => {
      if (document.visibilityState !== 'visible' || Date.now() - seenAt >= WHILE_SEEN_MS) return
      if (await portalAnswers()) router.refresh()
    }, seconds * 1000)
    return () => {
      clearInterval(timer)
      for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, seen)
    }
  }, [router, seconds])
  return null
}

'use client'

import { useEffect, useRef, useState } from 'react'

// A screen reader reads each one to its end; more often is noise.
const EVERY_MS = 5_000

/** What to read out of a text that changes all the time: the newest every five seconds, and at once when `at` changes. */
export function useAnnouncement(text: string, at: string): string {
  const [said, setSaid] = useState('')
  const newest = useRef(text)
  useEffect(() => {
    newest.current = text
  }, [text])
  useEffect(() => {
    setSaid(newest.current)
    const timer = setInterval(() => setSaid(newest.current), EVERY_MS)
    return () => clearInterval(timer)
  }, [at])
  return said
}

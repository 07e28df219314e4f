'use client'

import { useEffect, useState } from 'react'

/** The value as it was when it last stayed the same for `delayMs`: what somebody types, once they pause. */
export function useLater<T>(value: T, delayMs: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}

'use client'

import { useEffect, useEffectEvent, useRef, type RefObject } from 'react'

/**
 * Takes over what was typed into a control before its page came alive: React keeps such text in the control and tells
 * nobody. Gives the ref for the control.
 */
export function useTypedEarly(value: string, onTyped: (text: string) => void): RefObject<HTMLInputElement | null> {
  const control = useRef<HTMLInputElement>(null)
  const takeOver = useEffectEvent(() => {
    const typed = control.current?.value ?? value
    if (typed !== value) onTyped(typed)
  })
  useEffect(() => takeOver(), [])
  return control
}

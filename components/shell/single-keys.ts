import { useSyncExternalStore } from 'react'

// Beside the theme, in this browser: speech input and slips of the hand press single keys that nobody meant (WCAG 2.1.4).
const STORED = 'single-keys'
const listeners = new Set<() => void>()

/** Whether keys without Ctrl or Cmd do something: G and a letter, and /. They do unless the person has switched them off. */
export function singleKeysOn(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off'
  } catch {
    // A browser that stores nothing.
    return true
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

/** The same for a component that shows it, and how to switch it. */
export function useSingleKeys(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(subscribe, singleKeysOn, () => true)
  return [on, (next) => {
    localStorage.setItem(STORED, next ? 'on' : 'off')
    for (const listener of listeners) listener()
  }]
}

import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** Whether the page is alive: false on the server and in the first render, which must agree with it and does not know the reader's time zone. */
export function useHydrated(): boolean {
  return useSyncExternalStore(never, () => true, () => false)
}

'use client'

import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'

const names = ['shop', 'files', 'review', 'upload'] as const

type Steps = {
  /** The step that is shown, from 0. */
  step: number
  /** Whether the person has moved between steps in this visit. */
  moved: boolean
  go: (step: number) => void
  /** Takes away that the steps after this one were reached, since what they rest on has changed. */
  keepTo: (step: number) => void
}

/**
 * The steps of the wizard, kept in the address so that Back in the browser goes a step back. A step that this visit has not
 * come to is not shown: chosen files, for one, are gone after a reload.
 */
export function useSteps(first: number): Steps {
  const [name, setName] = useQueryState('step', parseAsStringLiteral(names).withOptions({ history: 'push' }))
  const [{ reached, moved }, setVisit] = useState({ reached: first, moved: false })
  return {
    step: Math.min(name === null ? first : names.indexOf(name), reached),
    moved,
    go: (step) => {
      setVisit({ reached: Math.max(reached, step), moved: true })
      // The same once more would make an entry at which Back does nothing.
      if (names[step] !== name) void setName(names[step]!)
    },
    keepTo: (step) => setVisit({ reached: Math.min(reached, step), moved }),
  }
}

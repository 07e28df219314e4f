'use client'

import { useEffect, useRef, type ReactNode } from 'react'
import { stepTitles } from './steps-nav.tsx'

/** The heading of a step. It takes the focus when the step comes up, so that keyboard and screen reader start there. */
export function StepHeading({ step, children }: { step: number; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // The page itself was just opened: its beginning is the place to start.
    if (document.activeElement !== document.body) heading.current?.focus()
  }, [])
  return (
    <h2 ref={heading} tabIndex={-1} className="text-base font-semibold outline-none">
      <span className="sr-only">Step {step + 1} of {stepTitles.length}: </span>
      {children}
    </h2>
  )
}

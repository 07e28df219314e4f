'use client'

import { createContext, use, useEffect, useRef, type ReactNode } from 'react'
import { stepTitles } from './steps-nav.tsx'

/** Whether the person came to this step from another one, rather than to the page. */
export const CameFromStep = createContext(false)

/** The heading of a step. It takes the focus when the step comes up, so that keyboard and screen reader start there. */
export function StepHeading({ step, children }: { step: number; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const came = use(CameFromStep)
  useEffect(() => {
    if (came) heading.current?.focus()
  }, [came])
  return (
    <h2 ref={heading} tabIndex={-1} className="text-base font-semibold outline-none">
      <span className="sr-only">Step {step + 1} of {stepTitles.length}: </span>
      {children}
    </h2>
  )
}

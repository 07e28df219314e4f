'use client'

import { CircleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'

export type SummaryError = { message: string; /** The id of the control or section to mend. */ target: string }

type Props = {
  errors: readonly SummaryError[]
  /** Counts the tries to go on: each one that fails brings the focus here, mending an error does not. */
  attempt: number
  title?: string
}

/** What must be mended before going on, at the top of a step; each line leads to its place. */
export function ErrorSummary({ errors, attempt, title = 'There is a problem' }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const any = errors.length > 0
  useEffect(() => box.current?.focus(), [attempt])
  useEffect(() => {
    if (!any) return
    const before = document.title
    document.title = `Error: ${before}`
    return () => void (document.title = before)
  }, [any])
  if (!any) return null
  return (
    <div ref={box} role="alert" tabIndex={-1} className="flex gap-2.5 rounded-lg border border-danger-border bg-danger-subtle px-3 py-2.5 text-13">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0">
        <h3 className="font-medium text-danger">{title}</h3>
        <ul className="mt-0.5 grid">
          {errors.map(({ message, target }) => (
            <li key={message}>
              <a
                href={`#${target}`}
                className="inline-flex min-h-6 items-center underline underline-offset-2"
                onClick={(event) => {
                  event.preventDefault()
                  const found = document.getElementById(target)
                  found?.focus()
                  found?.scrollIntoView({ block: 'center' })
                }}
              >
                {message}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

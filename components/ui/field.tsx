'use client'

import { CircleAlert } from 'lucide-react'
import { useId, type ReactNode } from 'react'
import { cn } from './cn.ts'
import { Label } from './label.tsx'

type ControlProps = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }

type Props = {
  /** The control's id, where something else points to it (an error summary). Made up unless told. */
  id?: string
  label: ReactNode
  /** Said below the label: the form of the value, limits. */
  hint?: ReactNode
  /** What is wrong and what to do. */
  error?: ReactNode
  optional?: boolean
  className?: string
  /** The control: spread what it is given, `{(control) => <Input {...control} … />}`. */
  children: (control: ControlProps) => ReactNode
}

/** A control with its label, hint and error, tied together for screen readers. */
export function Field({ id: given, label, hint, error, optional = false, className, children }: Props) {
  const made = useId()
  const id = given ?? made
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div className={cn('grid gap-1.5', className)}>
      <div className="grid gap-0.5">
        <Label htmlFor={id}>
          {label}
          {optional ? <span className="font-normal text-muted-foreground"> (optional)</span> : null}
        </Label>
        {hint ? <p id={`${id}-hint`} className="text-xs text-muted-foreground">{hint}</p> : null}
      </div>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-13 text-danger">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>{error}</span>
        </p>
      ) : null}
    </div>
  )
}

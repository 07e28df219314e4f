'use client'

import { Check, Circle, X } from 'lucide-react'
import { useId } from 'react'
import { cn } from '#components/ui/cn.ts'
import { Label } from '#components/ui/label.tsx'
import { passwordProblem, passwordRules, type PasswordRule } from '#lib/auth/password-rules.ts'
import { PasswordInput } from './password-input.tsx'

type Props = {
  value: string
  onChange: (value: string) => void
  /** The person's own words, which must not make up the password. */
  personal: readonly string[]
  /** Why the server did not take it. */
  error?: string
  className?: string
}

const RULES = Object.keys(passwordRules) as PasswordRule[]

/** Where a new password is chosen, with what is asked of it; each rule says while typing whether it is kept. */
export function NewPasswordField({ value, onChange, personal, error, className }: Props) {
  const id = useId()
  const problem = value === '' ? null : passwordProblem(value, personal)
  // The rules are looked at in this order, so those before the broken one are kept and those behind it are not known yet.
  const broken = problem ? RULES.indexOf(problem.rule) : RULES.length
  return (
    <div className="grid gap-1.5">
      <Label htmlFor={id}>New password</Label>
      <PasswordInput
        id={id} name="new-password" autoComplete="new-password" required value={value} onChange={(event) => onChange(event.target.value)}
        aria-describedby={`${id}-rules${error ? ` ${id}-error` : ''}`} aria-invalid={error ? true : undefined} className={className}
      />
      {error ? <p id={`${id}-error`} className="text-13 text-danger">{error}</p> : null}
      <ul id={`${id}-rules`} className="grid gap-1 text-xs text-muted-foreground">
        {RULES.map((rule, i) => <Rule key={rule} state={value === '' || i > broken ? 'open' : i === broken ? 'broken' : 'kept'} text={passwordRules[rule]} />)}
      </ul>
      <p role="status" className="sr-only">{value === '' ? '' : problem ? problem.message : 'The password keeps all rules.'}</p>
    </div>
  )
}

const looks = {
  open: { icon: Circle, classes: 'text-muted-foreground', word: '' },
  kept: { icon: Check, classes: 'text-success', word: 'Kept: ' },
  broken: { icon: X, classes: 'text-danger', word: 'Not yet: ' },
}

function Rule({ state, text }: { state: keyof typeof looks; text: string }) {
  const { icon: Icon, classes, word } = looks[state]
  return (
    <li className="flex items-start gap-1.5">
      <Icon aria-hidden className={cn('mt-0.5 size-3 shrink-0', classes)} />
      <span><span className="sr-only">{word}</span>{text}</span>
    </li>
  )
}

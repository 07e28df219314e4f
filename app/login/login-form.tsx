'use client'

import { useRef, useState, type FormEvent } from 'react'
import { PasswordInput } from '#components/account/password-input.tsx'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { useHydrated } from '#components/ui/use-hydrated.ts'
import { signIn, type SignInRefusal } from '#lib/auth/browser.ts'

const refusals: Record<SignInRefusal, string> = {
  CredentialsSignin: 'The e-mail or the password is wrong. Check both and try again.',
  too_many_requests: 'Too many attempts. Wait a few minutes, then try again.',
  unreachable: 'Onramp could not be reached, so nothing was checked. Try again in a moment.',
}

/** E-mail and password. After signing in it goes on to `next`, a path of our own. */
export function LoginForm({ next }: { next: string }) {
  const [refusal, setRefusal] = useState<SignInRefusal | null>(null)
  const [busy, setBusy] = useState(false)
  const password = useRef<HTMLInputElement>(null)
  // A form sent before the page's script runs would go to the wrong place and clear what was typed.
  const ready = useHydrated()

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    const form = new FormData(event.currentTarget)
    const refused = await signIn(String(form.get('email')), String(form.get('password')))
    // A full page load: nothing of a former session stays in the browser's memory.
    if (!refused) return window.location.assign(next)
    setRefusal(refused)
    setBusy(false)
    password.current?.select()
  }

  return (
    <form onSubmit={(event) => void submit(event)} method="post" className="grid gap-4">
      {refusal ? <Alert tone="danger" live>{refusals[refusal]}</Alert> : null}
      <Field label="E-mail">
        {(control) => <Input {...control} name="email" type="email" autoComplete="username" required autoFocus maxLength={254} className="h-9" />}
      </Field>
      <Field label="Password">
        {(control) => <PasswordInput {...control} ref={password} name="password" autoComplete="current-password" required className="h-9" />}
      </Field>
      <Button type="submit" variant="primary" size="lg" busy={busy} disabled={!ready} className="mt-1">Sign in</Button>
    </form>
  )
}

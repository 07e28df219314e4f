'use client'

import { useState, type FormEvent } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { passwordProblem } from '#lib/auth/password-rules.ts'
import { fieldErrors, Refusal, send } from './api.ts'
import { NewPasswordField } from './new-password-field.tsx'
import { PasswordInput } from './password-input.tsx'

type Props = {
  user: { email: string; name: string }
  /** What the present password is called: "Current password". */
  currentLabel?: string
  /** Told how many other sessions have ended. */
  onChanged: (ended: number) => void
}

/** Changes one's own password. */
export function ChangePasswordForm({ user, currentLabel = 'Current password', onChanged }: Props) {
  const [current, setCurrent] = useState('')
  const [chosen, setChosen] = useState('')
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [refusal, setRefusal] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setRefusal(null)
    const problem = passwordProblem(chosen, [user.email, user.name])
    setErrors({ ...(current === '' ? { currentPassword: 'Give the password you signed in with.' } : {}), ...(problem ? { newPassword: problem.message } : {}) })
    if (current === '' || problem) return
    setBusy(true)
    try {
      const { ended } = await send<{ ended: number }>('POST', '/api/v1/account/password', { currentPassword: current, newPassword: chosen })
      setCurrent('')
      setChosen('')
      onChanged(ended)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const fields = fieldErrors(error)
      setErrors(fields)
      if (Object.keys(fields).length === 0) setRefusal(error.message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate method="post" className="grid gap-4">
      {refusal ? <Alert tone="danger" live>{refusal}</Alert> : null}
      {/* Tells password managers whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
      <Field label={currentLabel} error={errors.currentPassword}>
        {(control) => (
          <PasswordInput {...control} name="current-password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
        )}
      </Field>
      <NewPasswordField value={chosen} onChange={setChosen} personal={[user.email, user.name]} error={errors.newPassword} />
      <Button type="submit" variant="primary" busy={busy} className="justify-self-start">Change the password</Button>
    </form>
  )
}

'use client'

import { useState, type FormEvent, type ReactNode } from 'react'
import { fieldErrors, Refusal, send } from '#components/account/api.ts'
import { PasswordInput } from '#components/account/password-input.tsx'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogHeader, DialogTitle } from '#components/ui/dialog.tsx'
import { Field } from '#components/ui/field.tsx'

type Props = {
  title: string
  /** What will happen, in one or two sentences. */
  effect: ReactNode
  confirm: string
  danger?: boolean
  /** Sends the change. What it throws as a Refusal is shown here, a field's sentence at the field. */
  act: () => Promise<void>
  onClose: () => void
  /** Fields of the change, given the sentences of a refusal by field. */
  children?: (errors: Record<string, string>) => ReactNode
}

/** Changes an account after saying what that does. Asks for the own password when it was not given for ten minutes. */
export function ChangeDialog({ title, effect, confirm, danger = false, act, onClose, children }: Props) {
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [refusal, setRefusal] = useState<string | null>(null)
  const [asksPassword, setAsksPassword] = useState(false)
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    event.stopPropagation()
    setBusy(true)
    setErrors({})
    setRefusal(null)
    try {
      if (asksPassword) await send('POST', '/api/v1/sessions/confirm', { password })
      await act()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.code === 'confirmation_required') return setAsksPassword(true)
      const fields = fieldErrors(error)
      setErrors(fields)
      if (Object.keys(fields).length === 0) setRefusal(error.message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{title}</DialogTitle>
          <DialogDescription>{effect}</DialogDescription>
        </DialogHeader>
        <form onSubmit={(event) => void submit(event)} noValidate method="post" className="grid gap-4">
          {refusal ? <Alert tone="danger" live>{refusal}</Alert> : null}
          {children?.(errors)}
          {asksPassword ? (
            <Field label="Your password" hint="It is asked for again ten minutes after you last gave it." error={errors.currentPassword ?? errors.password}>
              {(control) => (
                <PasswordInput {...control} autoFocus autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
              )}
            </Field>
          ) : null}
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={busy}>{confirm}</Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  )
}

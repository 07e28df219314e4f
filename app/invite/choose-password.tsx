'use client'

import Link from 'next/link'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { fieldErrors, Refusal, send } from '#components/account/api.ts'
import { EntryCard } from '#components/account/entry-card.tsx'
import { NewPasswordField } from '#components/account/new-password-field.tsx'
import { roleWords } from '#components/account/role-words.ts'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Spinner } from '#components/ui/spinner.tsx'
import { signIn } from '#lib/auth/browser.ts'
import { passwordProblem } from '#lib/auth/password-rules.ts'
import type { OpenedLink } from '#lib/data/invitations.ts'

type Opened = { token: string; link: OpenedLink } | { refused: string }

/** Greets whom the link is for, and lets them choose a password. */
export function ChoosePassword({ environment }: { environment: string }) {
  const opened = useLink()
  if (opened === null) return <EntryCard title="Choose a password" environment={environment} description="Looking at the link …"><Spinner /></EntryCard>
  if ('refused' in opened) {
    return (
      <EntryCard title="Choose a password" environment={environment} description="For this you need a link from an admin that still works.">
        <Alert tone="danger" live>{opened.refused}</Alert>
        <Button asChild className="mt-4"><Link href="/login">Go to the sign-in page</Link></Button>
      </EntryCard>
    )
  }
  const { name, email, role, joining } = opened.link
  return (
    <EntryCard
      title={joining ? `Welcome, ${name}` : 'Choose a new password'} environment={environment}
      description={joining ? <>Your account is <strong className="font-medium text-foreground">{email}</strong>, role {roleWords[role].word}. Choose a password for it.</>
        : <>For your account <strong className="font-medium text-foreground">{email}</strong>. Wherever you are signed in with the old one, you are signed out.</>}
    >
      <PasswordForm {...opened} />
    </EntryCard>
  )
}

/** The link that this page was opened by; null while it is looked at. */
function useLink(): Opened | null {
  const [opened, setOpened] = useState<Opened | null>(null)
  const taken = useRef('')
  useEffect(() => {
    const open = async () => {
      const token = window.location.hash.slice(1) || taken.current
      taken.current = token
      // Nobody who uses this browser later shall find the token in the address or in its history.
      if (window.location.hash) window.history.replaceState(null, '', window.location.pathname)
      if (!token) return setOpened({ refused: 'Open the whole link that you were sent once more: a part of it is missing here.' })
      try {
        setOpened({ token, link: await send<OpenedLink>('POST', '/api/v1/invitations/open', { token }) })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        setOpened({ refused: error.message })
      }
    }
    void open()
    window.addEventListener('hashchange', open)
    return () => window.removeEventListener('hashchange', open)
  }, [])
  return opened
}

function PasswordForm({ token, link: { email, name } }: { token: string; link: OpenedLink }) {
  const [chosen, setChosen] = useState('')
  const [error, setError] = useState<string | undefined>()
  const [refusal, setRefusal] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setRefusal(null)
    const problem = passwordProblem(chosen, [email, name])
    setError(problem?.message)
    if (problem) return
    setBusy(true)
    try {
      await send('POST', '/api/v1/invitations/accept', { token, password: chosen })
      // Also when signing in is refused just now, the password is set: the sign-in page says what to do.
      window.location.assign((await signIn(email, chosen)) ? '/login' : '/')
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused
      const { newPassword } = fieldErrors(refused)
      setError(newPassword)
      if (!newPassword) setRefusal(refused.message)
      setBusy(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate method="post" className="grid gap-4">
      {refusal ? <Alert tone="danger" live>{refusal}</Alert> : null}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <NewPasswordField value={chosen} onChange={setChosen} personal={[email, name]} error={error} className="h-9" />
      <Button type="submit" variant="primary" size="lg" busy={busy}>Set the password and sign in</Button>
    </form>
  )
}

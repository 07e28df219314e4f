'use client'

import { ChangePasswordForm } from '#components/account/change-password-form.tsx'
import { Button } from '#components/ui/button.tsx'
import { signOut } from '#lib/auth/browser.ts'

/** Changes the first password and goes on to `next`, a path of our own. */
export function FirstPassword({ user, next }: { user: { email: string; name: string }; next: string }) {
  return (
    <div className="grid gap-4">
      <ChangePasswordForm user={user} currentLabel="Password you were given" onChanged={() => window.location.assign(next)} />
      <Button variant="link" className="min-h-6 justify-self-start" onClick={() => void signOut()}>Sign out</Button>
    </div>
  )
}

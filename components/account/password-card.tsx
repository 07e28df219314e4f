'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { Card, CardContent, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { ChangePasswordForm } from './change-password-form.tsx'

const signedOut = (ended: number) => (ended === 0 ? 'Nobody else was signed in.' : ended === 1 ? 'One other session has ended.' : `${ended} other sessions have ended.`)

/** The own password, on the page of the account. */
export function PasswordCard({ user }: { user: { email: string; name: string } }) {
  const router = useRouter()
  return (
    <Card>
      <CardHeader>
        <div>
          <CardTitle>Password</CardTitle>
          <CardDescription>A new one ends all your other sessions.</CardDescription>
        </div>
      </CardHeader>
      <CardContent>
        <ChangePasswordForm
          user={user}
          onChanged={(ended) => {
            toast.success(`The password is changed. ${signedOut(ended)}`)
            router.refresh()
          }}
        />
      </CardContent>
    </Card>
  )
}

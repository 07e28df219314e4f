'use client'

import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import {
  AlertDialog, AlertDialogCancel, AlertDialogContent, AlertDialogDescription, AlertDialogFooter, AlertDialogTitle, AlertDialogTrigger,
} from '#components/ui/alert-dialog.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardActions, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { OwnSession } from '#lib/data/sessions.ts'
import { Refusal, send } from './api.ts'

/** Where the person is signed in, and the way out of each. */
export function SessionList({ sessions }: { sessions: OwnSession[] }) {
  const router = useRouter()
  const [refusal, setRefusal] = useState<string | null>(null)
  const [ending, setEnding] = useState<string | null>(null)
  const [refreshing, startTransition] = useTransition()

  async function end(id: string) {
    setEnding(id)
    setRefusal(null)
    try {
      await send('DELETE', `/api/v1/sessions/${id}`)
      startTransition(() => router.refresh())
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      setRefusal(error.message)
    } finally {
      setEnding(null)
    }
  }

  return (
    <Card>
      <CardHeader>
        <div>
          <CardTitle>Where you are signed in</CardTitle>
          <CardDescription>A session ends after 30 minutes without use, and 12 hours after signing in.</CardDescription>
        </div>
        <CardActions><SignOutEverywhere /></CardActions>
      </CardHeader>
      {refusal ? <div className="px-4 pb-3"><Alert tone="danger" live>{refusal}</Alert></div> : null}
      <ul aria-label="Sessions">
        {sessions.map(({ id, browser, address, createdAt, lastSeenAt, current }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t px-4 py-2.5">
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-2 text-13 font-medium">{browser}{current ? <Badge tone="success">This browser</Badge> : null}</p>
              <p className="text-xs text-muted-foreground">
                From <span className="font-mono">{address}</span>, signed in <RelativeTime iso={createdAt} />, last used <RelativeTime iso={lastSeenAt} />
              </p>
            </div>
            {current ? null : (
              <Button size="sm" busy={ending === id} disabled={refreshing} onClick={() => void end(id)} aria-label={`Sign out ${browser}, ${address}`}>Sign out</Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function SignOutEverywhere() {
  const [refusal, setRefusal] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function out() {
    setBusy(true)
    try {
      await send('DELETE', '/api/v1/sessions')
      // A full page load: nothing of the session stays in the browser's memory.
      window.location.assign('/login')
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      setRefusal(error.message)
      setBusy(false)
    }
  }

  return (
    <AlertDialog onOpenChange={() => setRefusal(null)}>
      <AlertDialogTrigger asChild><Button size="sm">Sign out everywhere</Button></AlertDialogTrigger>
      <AlertDialogContent>
        <AlertDialogTitle>Sign out everywhere?</AlertDialogTitle>
        <AlertDialogDescription>
          All your sessions end at once, the one in this browser too. Uploads under way stop and can be resumed after signing in.
        </AlertDialogDescription>
        {refusal ? <Alert tone="danger" live>{refusal}</Alert> : null}
        <AlertDialogFooter>
          <AlertDialogCancel asChild><Button>Stay signed in</Button></AlertDialogCancel>
          <Button variant="primary" busy={busy} onClick={() => void out()}>Sign out everywhere</Button>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  )
}

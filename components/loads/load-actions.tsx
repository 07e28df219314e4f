'use client'

import { FlaskConical, RotateCw, Upload, type LucideIcon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useId, useState, useTransition } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { AlertDialog, AlertDialogCancel, AlertDialogContent, AlertDialogDescription, AlertDialogFooter, AlertDialogTitle, AlertDialogTrigger } from '#components/ui/alert-dialog.tsx'
import { Button } from '#components/ui/button.tsx'
import type { Offer } from '#lib/data/load-offers.ts'
import { post } from './post.ts'

type Props = { id: string; offer: Offer; /** What the dialog says will happen, in one or two sentences. */ effect: string }

/** Runs a load again, after saying exactly what that does. Where it cannot be, the reason stands beside the button. */
export function RerunButton({ id, offer, effect }: Props) {
  return (
    <ConfirmedAction
      label="Rerun" icon={RotateCw} title="Run this load again?" effect={effect} confirm="Run again" decline="Leave it as it is"
      reason={offer.allowed ? null : offer.reason}
      act={() => post(`/api/v1/loads/${id}/attempts`, { attempt: 'rerun' })}
      path={`/loads/${id}`}
    />
  )
}

/** Runs the files of a load that so far was only tried out. */
export function RealRunButton({ id }: { id: string }) {
  return (
    <ConfirmedAction
      label="Load for real" icon={Upload} primary title="Load these files for real?" confirm="Load them" decline="Not yet"
      effect="Runs the same seven files that the dry run has tried out. This time what is accepted stays in production, whole or not at all."
      reason={null}
      act={() => post(`/api/v1/loads/${id}/attempts`, { attempt: 'rerun' })}
      path={`/loads/${id}`}
    />
  )
}

/** Does everything that a run of the load does, and takes it back. */
export function DryRunButton({ id }: { id: string }) {
  return (
    <ConfirmedAction
      label="Dry run" icon={FlaskConical} title="Try this load out?" confirm="Start the dry run" decline="Leave it as it is"
      effect="Does everything that the load would do, and then takes it back. You see its reconciliation and its exceptions; nothing is written to production."
      reason={null}
      act={() => post(`/api/v1/loads/${id}/attempts`, { attempt: 'dry_run' })}
      path={`/loads/${id}`}
    />
  )
}

/** Takes a waiting load out of the queue. */
export function CancelButton({ id }: { id: string }) {
  return (
    <ConfirmedAction
      label="Cancel" title="Take this load out of the queue?" confirm="Cancel the run" decline="Let it wait"
      effect="The run has not begun, so it wrote nothing. What an earlier run brought in stays, the files are kept, and it can be run again."
      reason={null}
      act={() => post(`/api/v1/loads/${id}/cancel`)}
      path={`/loads/${id}`}
    />
  )
}

type ActionProps = {
  label: string; icon?: LucideIcon; primary?: boolean; title: string; effect: string; confirm: string; decline: string; reason: string | null
  /** Gives the sentence to show when it did not work. */
  act: () => Promise<string | null>
  /** The page that shows what became of it. */
  path: string
}

function ConfirmedAction({ label, icon: Icon, primary = false, title, effect, confirm, decline, reason, act, path }: ActionProps) {
  const router = useRouter()
  const reasonId = useId()
  const [open, setOpen] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const [refreshing, startTransition] = useTransition()

  const run = async () => {
    setSending(true)
    const refused = await act()
    setSending(false)
    setProblem(refused)
    if (refused !== null) return
    setOpen(false)
    startTransition(() => {
      router.push(path)
      router.refresh()
    })
  }

  if (reason !== null) {
    return (
      <div className="flex max-w-80 flex-col items-end gap-1">
        <Button disabled aria-describedby={reasonId}>{Icon ? <Icon aria-hidden /> : null}{label}</Button>
        <p id={reasonId} className="text-right text-xs text-muted-foreground">{reason}</p>
      </div>
    )
  }
  return (
    <AlertDialog open={open} onOpenChange={(next) => { setOpen(next); setProblem(null) }}>
      <AlertDialogTrigger asChild>
        <Button variant={primary ? 'primary' : undefined} busy={refreshing}>{Icon && !refreshing ? <Icon aria-hidden /> : null}{label}</Button>
      </AlertDialogTrigger>
      <AlertDialogContent>
        <AlertDialogTitle>{title}</AlertDialogTitle>
        <AlertDialogDescription>{effect}</AlertDialogDescription>
        {problem ? <Alert tone="danger" live>{problem}</Alert> : null}
        <AlertDialogFooter>
          <AlertDialogCancel asChild><Button>{decline}</Button></AlertDialogCancel>
          <Button variant="primary" busy={sending} onClick={run}>{confirm}</Button>
        </AlertDialogFooter>
      </AlertDialogContent>
    </AlertDialog>
  )
}

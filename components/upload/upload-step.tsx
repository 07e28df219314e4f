'use client'

import { CircleCheck, CircleDashed, Pause, Play, RotateCw } from 'lucide-react'
import Link from 'next/link'
import { bytes as formatBytes } from '#components/loads/words.ts'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardContent } from '#components/ui/card.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { Spinner } from '#components/ui/spinner.tsx'
import type { FileProgress, Sending } from '#lib/upload/send.ts'
import { formatRemaining } from './format.ts'
import { RefusedUpload } from './refused-upload.tsx'
import { StepHeading } from './step-heading.tsx'
import { useAnnouncement } from './use-announcement.ts'
import type { Attempt } from './use-sending.ts'

type Props = { attempt: Attempt; sending: Sending; dryRun: boolean; onReplace: () => void; onAgain: () => void; onBack: (step: number) => void }

/** Step 4: the files on their way. */
export function UploadStep({ attempt, sending, dryRun, onReplace, onAgain, onBack }: Props) {
  const sender = attempt.state === 'sending' ? attempt.sender : null
  const announced = useAnnouncement(sender ? spoken(sending) : 'Opening the upload.', sending.phase)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <StepHeading step={3}>{headings[attempt.state]}{dryRun && sender ? ' for a dry run' : ''}</StepHeading>
      <p role="status" className="sr-only">{announced}</p>
      {attempt.state === 'opening' ? <p className="flex items-center gap-2 text-13 text-muted-foreground"><Spinner />Asking the server where to send the files…</p> : null}
      {attempt.state === 'refused' ? <RefusedUpload refusal={attempt} onReplace={onReplace} onAgain={onAgain} onBack={onBack} /> : null}
      {attempt.state === 'already loaded' ? (
        <Alert tone="success" live title="These very files were loaded before">
          <p>Nothing had to be sent. On the load’s page you can run it again; that changes nothing unless another load changed the same rows since.</p>
          <Button asChild size="sm" variant="primary" className="mt-2"><Link href={`/loads/${attempt.id}`}>Open the load</Link></Button>
        </Alert>
      ) : null}
      {sender ? (
        <Card>
          <CardContent className="grid gap-4 pt-4">
            <Total sending={sending} />
            {sending.error ? (
              <Alert
                tone={sending.phase === 'offline' ? 'warning' : 'danger'} live
                title={sending.phase === 'offline' ? 'Waiting for the connection' : 'The upload stopped'}
              >
                {sending.error}
              </Alert>
            ) : null}
            <div className="flex flex-wrap gap-2">
              {sending.phase === 'sending' || sending.phase === 'offline' ? <Button onClick={() => sender.pause()}><Pause aria-hidden />Pause</Button> : null}
              {sending.phase === 'paused' ? <Button variant="primary" onClick={() => sender.start()}><Play aria-hidden />Resume</Button> : null}
              {sending.phase === 'failed' ? (
                <>
                  <Button variant="primary" onClick={() => sender.start()}><RotateCw aria-hidden />Try again</Button>
                  <Button onClick={() => onBack(1)}>Back to the files</Button>
                </>
              ) : null}
            </div>
            <ul className="grid gap-3 border-t pt-4">
              {sending.files.map((file) => <FileLine key={file.name} file={file} paused={sending.phase !== 'sending'} />)}
            </ul>
          </CardContent>
        </Card>
      ) : null}
    </div>
  )
}

const headings: Record<Attempt['state'], string> = {
  opening: 'Sending the files', refused: 'The files were not sent', 'already loaded': 'Already loaded', sending: 'Sending the files',
}

const phaseWords: Record<Sending['phase'], string> = {
  ready: 'Starting', sending: 'Sending', paused: 'Paused', offline: 'Waiting for the connection', failed: 'Stopped', done: 'Sent. Opening the load',
}

function Total({ sending: { phase, bytes, sent, bytesPerSecond } }: { sending: Sending }) {
  const left = bytesPerSecond && phase === 'sending' ? (bytes - sent) / bytesPerSecond : null
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-13">
        <span className="font-medium">{phaseWords[phase]}</span>
        <span className="text-muted-foreground tabular-nums">
          {formatBytes(sent)} of {formatBytes(bytes)}
          {bytesPerSecond && phase === 'sending' ? ` · ${formatBytes(Math.round(bytesPerSecond))}/s` : ''}
          {left !== null && left > 1 ? ` · ${formatRemaining(left)} left` : ''}
        </span>
      </div>
      <Progress label="All files" value={bytes === 0 ? 1 : sent / bytes} tone={phase === 'done' ? 'success' : phase === 'failed' ? 'danger' : 'info'} className="h-2" />
    </div>
  )
}

const fileWords = { waiting: 'Waiting', sending: 'Sending', checking: 'Being checked by the server', received: 'Received, sha256 verified' }

function FileLine({ file: { name, bytes, sent, state }, paused }: { file: FileProgress; paused: boolean }) {
  const icon = state === 'received' ? <CircleCheck aria-hidden className="size-4 text-success" />
    : state === 'waiting' || paused ? <CircleDashed aria-hidden className="size-4 text-muted-foreground" />
    : <Spinner className="text-info" />
  return (
    <li className="grid grid-cols-[1rem_1fr] items-center gap-x-2.5 gap-y-1 text-13">
      {icon}
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-mono">{name}</span>
        <span className="text-xs text-muted-foreground tabular-nums">
          {paused && state !== 'received' ? (sent > 0 ? 'Stopped' : 'Waiting') : fileWords[state]} · {state === 'sending' ? `${formatBytes(sent)} of ` : ''}{formatBytes(bytes)}
        </span>
      </div>
      <Progress label={name} value={state === 'received' || (bytes === 0 && state === 'checking') ? 1 : bytes === 0 ? 0 : sent / bytes} tone={state === 'received' ? 'success' : 'info'} className="col-start-2" />
    </li>
  )
}

function spoken({ phase, files, bytes, sent }: Sending): string {
  const received = files.filter((file) => file.state === 'received').length
  if (phase === 'done') return 'All files have arrived. Opening the load.'
  return `${phaseWords[phase]}: ${bytes === 0 ? 100 : Math.floor((sent / bytes) * 100)} percent, ${received} of ${files.length} files received.`
}

'use client'

import { useEffect, useRef, useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Card, CardActions, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { Spinner } from '#components/ui/spinner.tsx'
import type { LoadProgress, QueuePlace, StepProgress } from '#lib/data/load-progress.ts'
import { isFailed, isUnderWay } from '#lib/load-status.ts'
import { DryRunBadge } from './dry-run-badge.tsx'
import { doingNow, stepLines } from './steps.ts'
import { StepTimeline } from './step-timeline.tsx'
import { useLoadProgress } from './use-load-progress.ts'
import { counted, duration } from './words.ts'

// A screen reader that is told about every file would never fall silent.
const ANNOUNCE_EVERY_MS = 5_000
// Longer, and it is no longer the queue that one waits for.
const NO_WORKER_AFTER_SECONDS = 30

/** The steps of an attempt that has ended. */
export function PastSteps({ steps, files, failed }: { steps: StepProgress[]; files: number; failed: boolean }) {
  return (
    <Card>
      <CardHeader><CardTitle>Steps</CardTitle></CardHeader>
      <StepTimeline lines={stepLines(steps, files, failed ? 'failed' : 'completed')} />
    </Card>
  )
}

/** The steps of a load that waits or runs, following it to its end without reloading the page. */
export function LiveSteps({ loadId, files, initial }: { loadId: string; files: number; initial: LoadProgress }) {
  const { progress, age, reconnecting } = useLoadProgress(loadId, initial)
  const running = progress.status === 'running'
  const steps = progress.status === 'queued' ? [] : progress.steps
  const lines = stepLines(steps, files, isUnderWay(progress.status) ? 'under_way' : isFailed(progress.status) ? 'failed' : 'completed')
  const doing = running ? doingNow(steps) : ''
  const done = lines.filter(({ state }) => state === 'done').length
  return (
    <Card>
      <CardHeader>
        <div>
          <CardTitle className="flex flex-wrap items-center gap-2">{running ? doing || 'Starting' : progress.status === 'queued' ? 'Waiting for a worker' : 'Steps'}{progress.dryRun ? <DryRunBadge /> : null}</CardTitle>
          <p className="mt-0.5 text-13 text-muted-foreground tabular-nums">
            {running && progress.elapsedSeconds !== null ? `Running for ${duration(progress.elapsedSeconds + age)}` : null}
            {progress.queue ? waiting(progress.queue, age) : null}
          </p>
        </div>
        <CardActions>
          {reconnecting ? <span className="inline-flex items-center gap-1.5 text-13 text-muted-foreground"><Spinner className="size-3.5" />Reconnecting…</span> : null}
          {running && progress.worker?.silentSeconds != null && !progress.worker.lost ? (
            <span className="text-13 text-muted-foreground tabular-nums">Worker’s last sign of life {Math.round(progress.worker.silentSeconds + age)} s ago</span>
          ) : null}
        </CardActions>
      </CardHeader>
      {running ? <div className="px-4 pb-3"><Progress label="Steps done" value={done / lines.length} /></div> : null}
      {progress.worker?.lost ? (
        <div className="px-4 pb-3">
          <Alert tone="warning" live title={progress.worker.silentSeconds === null ? 'The worker stopped.' : `The worker stopped ${duration(progress.worker.silentSeconds + age)} ago.`}>
            The load will continue by itself; nothing is lost.
          </Alert>
        </div>
      ) : null}
      <StepTimeline lines={lines} age={age} />
      <Announcement text={doing} />
    </Card>
  )
}

function waiting({ ahead, othersAhead, shopIsBusy, waitingSeconds }: QueuePlace, age: number): string {
  const seconds = waitingSeconds + age
  if (shopIsBusy) return 'Another load of this shop is running. This one starts when it has ended.'
  if (ahead > 0) return othersAhead ? `${counted(ahead, 'load')} and others are ahead of it.` : `${counted(ahead, 'load')} ${ahead === 1 ? 'is' : 'are'} ahead of it.`
  if (othersAhead) return 'Other loads are ahead of it.'
  if (seconds < NO_WORKER_AFTER_SECONDS) return 'It starts in a moment.'
  return `No worker has taken it for ${formatNumber(Math.round(seconds))} s. It starts as soon as one is there; if that does not happen, tell an engineer.`
}

/** Says to screen readers what goes on, no more often than they can follow. */
function Announcement({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  const latest = useRef(text)
  useEffect(() => {
    latest.current = text
  }, [text])
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), ANNOUNCE_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return <p role="status" className="sr-only">{said}</p>
}

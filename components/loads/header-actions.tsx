import { Upload } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import type { LoadDetail } from '#lib/data/loads.ts'
import { isUnderWay } from '#lib/load-status.ts'
import { sendAgainHref } from './addresses.ts'
import { CancelButton, DryRunButton, RealRunButton, RerunButton } from './load-actions.tsx'
import { rerunEffect } from './rerun-effect.ts'

/** What can be done with a load now. Where running the same files again cannot help, what does help stands in its place. */
export function HeaderActions({ load }: { load: LoadDetail }) {
  const { id, status, rerun } = load
  if (load.cancel?.allowed) return <CancelButton id={id} />
  if (load.refused && load.maySend) return <Button asChild variant="primary"><Link href={sendAgainHref(id)}><Upload aria-hidden />Send corrected files</Link></Button>
  if (!rerun) return null
  return (
    <>
      {/* A rerun of what is in production leaves it as it is, so there is nothing to try out. */}
      {rerun.allowed && load.completedAttempt === null ? <DryRunButton id={id} /> : null}
      {load.dryRun && rerun.allowed && !isUnderWay(status) ? <RealRunButton id={id} /> : <RerunButton id={id} offer={rerun} effect={rerunEffect(load)} />}
    </>
  )
}

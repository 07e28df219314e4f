import type { Metadata } from 'next'
import Link from 'next/link'
import { createLoader, parseAsInteger } from 'nuqs/server'
import { sendAgainHref } from '#components/loads/addresses.ts'
import { AttemptsMenu } from '#components/loads/attempts-menu.tsx'
import { headline } from '#components/loads/headline.ts'
import { LoadEvents } from '#components/loads/load-events.tsx'
import { LiveSteps, PastSteps } from '#components/loads/load-steps.tsx'
import { Outcome } from '#components/loads/outcome.tsx'
import { Problems } from '#components/loads/problems.tsx'
import { ReconciliationMatrix } from '#components/loads/reconciliation-matrix.tsx'
import { totals } from '#components/loads/reconciliation.ts'
import { shownAttempt } from '#components/loads/shown-attempt.ts'
import { counted } from '#components/loads/words.ts'
import { cn } from '#components/ui/cn.ts'
import { statusWord } from '#components/ui/status-badge.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { attemptSteps, loadProgress } from '#lib/data/load-progress.ts'
import { getAttempt, getLoad, listLoadEvents, type AttemptSummary, type LedgerLine, type LoadDetail } from '#lib/data/loads.ts'
import { orErrorPage } from '#lib/http/page.ts'
import type { LoadStatus } from '#lib/load-status.ts'

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

const readSearch = createLoader({ attempt: parseAsInteger })

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const load = await orErrorPage(getLoad(await requireUser('load:read'), (await params).id))
  return { title: `Load ${load.loadId}` }
}

/** A load: what became of it, where every record went, and how it got there. */
export default async function LoadPage({ params, searchParams }: Props) {
  const user = await requireUser('load:read')
  const { id } = await params
  const search = await readSearch(searchParams)
  const [load, progress, events] = await orErrorPage(Promise.all([getLoad(user, id), loadProgress(user, id), listLoadEvents(user, id)]))
  const { number, summary, status, live, usual, completedBefore, loadedSince } = shownAttempt(load, search.attempt)
  const attempt = number > 0 && !live ? await orErrorPage(getAttempt(user, id, number)) : null
  const steps = attempt ? await orErrorPage(attemptSteps(user, id, number)) : []
  const lines = attempt?.lines ?? []
  const exceptionsHref = (severity: 'error' | 'warning', entity: string | null) =>
    `/loads/${id}/exceptions?${new URLSearchParams({ ...(entity ? { entity } : {}), severity, ...(usual ? {} : { attempt: String(number) }) })}`
  const { rejected, warnings } = totals(lines)
  const says = headline({
    status, attempt: summary, lines, failure: attempt?.failure?.message ?? null,
    completedBefore, loadedSince, hasFiles: load.hasFiles,
  })
  const problems = attempt?.failure?.problems ?? []

  return (
    <>
      {load.attempts.length > 1 && number > 0 ? (
        <div className="print-hidden flex flex-wrap items-center gap-3">
          <AttemptsMenu id={id} attempts={load.attempts} shown={number} />
          {number === load.currentAttempt ? null : <p className="text-13 text-muted-foreground">{usual ? <LaterAttempt loadId={id} attempt={load.attempts[0]!} /> : 'This is not the latest attempt.'}</p>}
        </div>
      ) : null}
      {live ? <LiveSteps key={String(search.attempt)} loadId={id} files={load.files} initial={progress} /> : (
        <Outcome
          status={status}
          headline={says}
          action={rejected > 0 ? { href: exceptionsHref('error', null), label: `See ${counted(rejected, 'exception')}` }
            : warnings > 0 ? { href: exceptionsHref('warning', null), label: `See ${counted(warnings, 'warning')}` }
            : (load.maySend ? sending(load, status) : null) ?? (cameIn(lines) && !summary?.dryRun ? { href: `/invoices?${new URLSearchParams({ shop: load.shop.id, load: id })}`, label: 'See its invoices' } : null)}
        />
      )}
      {problems.length > 0 ? <Problems problems={problems} /> : null}
      {lines.length > 0 ? <ReconciliationMatrix dryRun={summary?.dryRun ?? false} lines={lines} money={attempt?.money ?? []} exceptionsHref={exceptionsHref} stoppedHref={number === load.currentAttempt && !summary?.dryRun ? (entity) => `/loads/${id}/stopped/${entity}` : null} /> : null}
      <div className={cn('print-hidden grid grid-cols-[minmax(0,1fr)] items-start gap-5', steps.length > 0 && 'xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]')}>
        {steps.length > 0 ? <PastSteps steps={steps} files={load.files} failed={attempt?.failure != null} /> : null}
        <LoadEvents events={events} />
      </div>
    </>
  )
}

/** How to send files for a load that has none, or not the right ones. */
function sending({ id }: LoadDetail, status: LoadStatus): { href: string; label: string } | null {
  if (status === 'uploading') return { href: `/loads/new?resume=${id}`, label: 'Go on sending' }
  return status === 'draft' || status === 'cancelled' ? { href: sendAgainHref(id), label: 'Send files' } : null
}

/** Whether there are invoices that carry this load's badge. */
const cameIn = (lines: readonly LedgerLine[]) => lines.some(({ entity, inserted, updated }) => entity === 'invoice' && inserted + updated > 0)

/** Why the page does not show the latest attempt by itself. */
function LaterAttempt({ loadId, attempt: { number, dryRun, status } }: { loadId: string; attempt: AttemptSummary }) {
  if (!dryRun) return `Attempt ${number} came after it and changed nothing: ${statusWord(status).toLowerCase()}.`
  return <>Attempt {number} came after it and changed nothing: a dry run. <Link href={`/loads/${loadId}?attempt=${number}`} className="text-link underline-offset-4 hover:underline">See what it found</Link></>
}

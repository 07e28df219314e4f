import { Card, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { statusWord } from '#components/ui/status-badge.tsx'
import type { LoadEvent } from '#lib/data/loads.ts'
import { wayWord } from './started-by.ts'

/** What happened to the load, newest first, as sentences. */
export function LoadEvents({ events }: { events: LoadEvent[] }) {
  return (
    <Card>
      <CardHeader><CardTitle>History</CardTitle></CardHeader>
      {events.length === 0 ? (
        <p className="px-4 pb-4 text-13 text-muted-foreground">Nothing is noted about this load yet.</p>
      ) : (
        <ol className="max-h-96 overflow-y-auto px-4 pb-3" tabIndex={0} aria-label="History of this load">
          {events.map((event) => (
            <li key={event.id} className="flex items-baseline justify-between gap-4 border-t py-2 text-13 first:border-t-0">
              <span className="min-w-0 break-words"><Sentence event={event} /></span>
              <RelativeTime iso={event.at} className="shrink-0 text-xs text-muted-foreground" />
            </li>
          ))}
        </ol>
      )}
    </Card>
  )
}

function Sentence({ event }: { event: LoadEvent }) {
  // An attempt ends by itself; who asked for it is another event.
  if (event.action === 'attempt_ended') return <>{event.detail.dryRun ? 'Dry run' : 'Attempt'} {String(event.detail.attempt)} ended: {statusWord(String(event.detail.status)).toLowerCase()}</>
  return <><span className="font-medium">{wayWord(event.actor)}</span> {told(event)}</>
}

function told({ action, detail }: LoadEvent): string {
  const sayings: Record<string, () => string> = {
    load_created: () => 'opened the load',
    load_sent: () => `sent the last file, and ${detail.dryRun ? 'a dry run' : 'the load'} was put into the queue`,
    load_rerun: () => (detail.first ? 'asked for the load after the dry run' : 'asked for a rerun'),
    load_dry_run: () => 'asked for a dry run',
    load_cancelled: () => 'cancelled the load',
    load_purged: () => 'took away its staged rows and files, as their time was over',
    file_downloaded: () => `downloaded ${String(detail.name ?? 'a file')}`,
    exceptions_downloaded: () => 'downloaded exceptions',
  }
  return sayings[action]?.() ?? action.replaceAll('_', ' ')
}

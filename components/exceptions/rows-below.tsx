'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Num } from '#components/ui/num.tsx'
import { Spinner } from '#components/ui/spinner.tsx'
import type { EntityName } from '#lib/contract/index.ts'
import type { ExceptionRow, RowsBelow as Count } from '#lib/data/exceptions.ts'
import { capital, countOf, entityPlural, listed } from './words.ts'

type Props = { loadId: string; attempt: number; cause: { entity: EntityName; record: number }; below: Count[] }
type Page = { rows: ExceptionRow[]; next: string | null }

/** What was left out because of the row above: how much, and on demand which rows. */
export function RowsBelow({ loadId, attempt, cause, below }: Props) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <div className="pl-2">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="inline-flex min-h-7 items-center gap-1.5 rounded-md px-1.5 text-left text-13 text-muted-foreground hover:bg-accent hover:text-foreground"
      >
        {open ? <ChevronDown aria-hidden className="size-4 shrink-0" /> : <ChevronRight aria-hidden className="size-4 shrink-0" />}
        and {listed(below.map(({ entity, count }) => countOf(entity, count)))} below it
      </button>
      <div id={id} hidden={!open} className="mt-1 mb-2 ml-3 grid gap-3 border-l pl-4">
        {open ? below.map(({ entity, count }) => <EntityBelow key={entity} loadId={loadId} attempt={attempt} cause={cause} entity={entity} count={count} />) : null}
      </div>
    </div>
  )
}

function EntityBelow({ loadId, attempt, cause, entity, count }: Omit<Props, 'below'> & Count) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['rows-below', loadId, attempt, cause.entity, cause.record, entity],
    queryFn: ({ pageParam, signal }) => readBelow({ loadId, attempt, cause, entity, after: pageParam, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // The exceptions of an attempt do not change any more once it is over.
    staleTime: Infinity,
  })
  const rows = data?.pages.flatMap((page) => page.rows) ?? []
  return (
    <section aria-label={capital(entityPlural(entity))}>
      <h3 className="text-xs font-medium">{capital(entityPlural(entity))} <span className="font-normal text-muted-foreground">(<Num value={count} />)</span></h3>
      {isPending ? <p className="flex items-center gap-2 py-1 text-13 text-muted-foreground"><Spinner /> Reading…</p> : null}
      {error ? <p role="alert" className="flex flex-wrap items-center gap-2 py-1 text-13 text-danger">{error.message} <Button size="sm" onClick={() => refetch()}>Try again</Button></p> : null}
      <ul className="mt-1 grid gap-x-6 gap-y-0.5 sm:grid-cols-2 xl:grid-cols-3">
        {rows.map((row) => (
          <li key={row.id} className="flex min-w-0 gap-2 text-13">
            <span className="shrink-0 text-muted-foreground tabular-nums">line <Num value={row.line} /></span>
            <span className="truncate font-mono text-xs leading-5" title={row.sentence}>{row.key}</span>
          </li>
        ))}
      </ul>
      {hasNextPage ? (
        <Button size="sm" className="mt-1.5" busy={isFetchingNextPage} onClick={() => fetchNextPage()}>
          Show more (<Num value={count - rows.length} /> left)
        </Button>
      ) : null}
    </section>
  )
}

type Wanted = Omit<Props, 'below'> & { entity: EntityName; after: string | null; signal: AbortSignal }

async function readBelow({ loadId, attempt, cause, entity, after, signal }: Wanted): Promise<Page> {
  const query = new URLSearchParams({ attempt: String(attempt), causeEntity: cause.entity, causeRecord: String(cause.record), entity, ...(after ? { after } : {}) })
  const answer = await fetch(`/api/v1/loads/${loadId}/exceptions/below?${query}`, { signal })
  const body = await answer.json().catch(() => null)
  if (!answer.ok || !body) throw new Error(body?.error?.message ?? 'The rows could not be read.')
  return body as Page
}

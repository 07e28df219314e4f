import Link from 'next/link'
import type { ReactNode } from 'react'
import { Card, CardDescription, CardFooter, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { StatusBadge } from '#components/ui/status-badge.tsx'
import type { HomeLoad } from '#lib/data/home.ts'

type Props = { title: string; description: string; loads: HomeLoad[]; more?: { count: number; href: string }; empty: ReactNode }

/** A short list of loads, each a link to its page. */
export function LoadList({ title, description, loads, more, empty }: Props) {
  return (
    <Card>
      <CardHeader className={loads.length > 0 ? 'border-b' : undefined}>
        <div><CardTitle>{title}</CardTitle><CardDescription>{description}</CardDescription></div>
      </CardHeader>
      {loads.length === 0 ? empty : (
        <ul className="divide-y">
          {loads.map((load) => (
            <li key={load.id}>
              <Link href={leadsTo(load)} className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5 hover:bg-surface focus-visible:-outline-offset-2">
                <span className="min-w-0 flex-1 basis-52">
                  <span className="block truncate text-13 font-medium">{load.shop}</span>
                  <span className="block truncate text-xs text-muted-foreground">{load.loadId} · {load.partner}{load.startedBy ? ` · ${load.startedBy}` : ''}</span>
                </span>
                {load.errors ? <span className="text-13 text-muted-foreground tabular-nums">{formatNumber(load.errors)} {load.errors === 1 ? 'exception' : 'exceptions'}</span> : null}
                <StatusBadge status={load.status} />
                <RelativeTime iso={load.at} className="w-24 text-right text-xs text-muted-foreground max-sm:w-auto" />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {more ? <CardFooter className="text-13"><Link href={more.href} className="rounded-sm text-link underline-offset-4 hover:underline">{formatNumber(more.count)} more in the ledger</Link></CardFooter> : null}
    </Card>
  )
}

/** An upload that was not finished goes on in the wizard. */
function leadsTo({ id, status }: HomeLoad): string {
  return status === 'draft' || status === 'uploading' ? `/loads/new?resume=${id}` : `/loads/${id}`
}

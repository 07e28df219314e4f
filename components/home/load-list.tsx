import Link from 'next/link'
import type { ReactNode } from 'react'
import { sendAgainHref } from '#components/loads/addresses.ts'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { Card, CardDescription, CardFooter, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
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
              <Link href={leadsTo(load)} className="group flex items-center justify-between gap-x-4 gap-y-2 px-4 py-2.5 hover:bg-surface focus-visible:-outline-offset-2 max-sm:flex-col max-sm:items-start">
                <span className="min-w-0 max-w-full">
                  <span className="block truncate text-13 font-medium">{load.shop} <span className="font-normal text-muted-foreground">{load.partner}</span></span>
                  <span className="block truncate text-xs text-muted-foreground">{load.loadId}{load.startedBy ? `, sent by ${load.startedBy}` : ''}</span>
                </span>
                <span className="grid shrink-0 justify-items-end gap-1 max-sm:justify-items-start">
                  <LoadBadges status={load.status} dryRun={load.dryRun} />
                  <span className="text-xs text-muted-foreground tabular-nums">
                    {load.errors ? `${formatNumber(load.errors)} ${load.errors === 1 ? 'row' : 'rows'} rejected, ` : ''}<RelativeTime iso={load.at} inLink />
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {more ? <CardFooter className="text-13"><Link href={more.href} className="inline-flex min-h-6 items-center rounded-sm text-link underline-offset-4 hover:underline">{formatNumber(more.count)} more in the ledger</Link></CardFooter> : null}
    </Card>
  )
}

/** An upload that was not finished goes on in the wizard; a load that was tried out waits on its page. */
function leadsTo({ id, status, dryRun }: HomeLoad): string {
  if (status === 'uploading') return `/loads/new?resume=${id}`
  return status === 'draft' && !dryRun ? sendAgainHref(id) : `/loads/${id}`
}

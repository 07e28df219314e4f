import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { Fragment, type ReactNode } from 'react'

export type Crumb = { label: ReactNode; href?: string }

/** The way back up. The last one is the page itself and has no link. */
export function Breadcrumbs({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb" className="print-hidden">
      <ol className="flex flex-wrap items-center gap-1 text-13 text-muted-foreground">
        {crumbs.map(({ label, href }, i) => (
          <Fragment key={i}>
            {i > 0 ? <li aria-hidden><ChevronRight className="size-3.5" /></li> : null}
            <li className="min-w-0">
              {href ? (
                <Link href={href} className="inline-flex min-h-6 items-center rounded-sm hover:text-foreground hover:underline">{label}</Link>
              ) : (
                <span aria-current="page" className="inline-flex min-h-6 items-center text-foreground">{label}</span>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}

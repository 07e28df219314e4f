import type { ReactNode } from 'react'
import { Breadcrumbs, type Crumb } from './breadcrumbs.tsx'

type Props = { title: ReactNode; description?: ReactNode; crumbs?: Crumb[]; badge?: ReactNode; actions?: ReactNode }

/** The top of a page: the way back, its one h1, a sentence, and what can be done. */
export function PageHeader({ title, description, crumbs, badge, actions }: Props) {
  return (
    <header className="flex flex-col gap-2">
      {crumbs ? <Breadcrumbs crumbs={crumbs} /> : null}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <h1 className="text-xl leading-7 font-semibold tracking-tight break-words">{title}</h1>
            {badge}
          </div>
          {description ? <div className="mt-1 max-w-3xl text-13 text-muted-foreground">{description}</div> : null}
        </div>
        {actions ? <div className="print-hidden flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </header>
  )
}

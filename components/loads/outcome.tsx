import { CircleAlert, CircleCheck, CircleX, Info } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import type { LoadStatus } from '#lib/load-status.ts'
import { isFailed } from '#lib/load-status.ts'
import type { Headline } from './headline.ts'

const looks = {
  good: { icon: CircleCheck, box: 'border-success-border bg-success-subtle', word: 'text-success' },
  mixed: { icon: CircleAlert, box: 'border-warning-border bg-warning-subtle', word: 'text-warning' },
  bad: { icon: CircleX, box: 'border-danger-border bg-danger-subtle', word: 'text-danger' },
  neutral: { icon: Info, box: 'bg-surface', word: 'text-muted-foreground' },
}

function lookOf(status: LoadStatus) {
  if (status === 'completed') return looks.good
  if (status === 'completed_with_exceptions') return looks.mixed
  return isFailed(status) ? looks.bad : looks.neutral
}

type Props = { status: LoadStatus; headline: Headline; /** Where to go from here. */ action?: { href: string; label: string } | null }

/** What became of the load, in one sentence; what that means for production; what to do next. */
export function Outcome({ status, headline: { says, effect, next }, action = null }: Props) {
  const { icon: Icon, box, word } = lookOf(status)
  return (
    <section aria-label="Outcome" className={cn('flex flex-wrap items-start gap-x-4 gap-y-3 rounded-lg border px-4 py-3', box)}>
      <Icon aria-hidden className={cn('mt-0.5 size-5 shrink-0', word)} />
      <div className="min-w-0 flex-1 basis-72 wrap-anywhere">
        <p className="text-[0.9375rem] leading-6 font-semibold">{says}</p>
        {effect ? <p className="mt-0.5 text-13">{effect}</p> : null}
        {next ? <p className="text-13">{next}</p> : null}
      </div>
      {action ? <Button asChild className="print-hidden"><Link href={action.href}>{action.label}</Link></Button> : null}
    </section>
  )
}

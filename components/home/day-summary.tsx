import { Card } from '#components/ui/card.tsx'
import { cn } from '#components/ui/cn.ts'
import { formatNumber } from '#components/ui/num.tsx'
import type { Home } from '#lib/data/home.ts'

/** The last 24 hours in six numbers. */
export function DaySummary({ day }: { day: Home['day'] }) {
  const facts = [
    { label: 'Attempts finished', value: day.attempts },
    { label: 'Failed', value: day.failed, bad: day.failed > 0 },
    { label: 'Rows read', value: day.records },
    { label: 'Inserted', value: day.inserted },
    { label: 'Updated', value: day.updated },
    { label: 'Rejected', value: day.rejected, bad: day.rejected > 0 },
  ]
  return (
    <Card aria-labelledby="last-day">
      <h2 id="last-day" className="px-4 pt-3.5 text-sm font-semibold">Last 24 hours</h2>
      <dl className="grid grid-cols-2 gap-px sm:grid-cols-3 lg:grid-cols-6">
        {facts.map(({ label, value, bad }) => (
          <div key={label} className="flex flex-col-reverse px-4 pt-2 pb-3.5">
            <dt className="text-xs text-muted-foreground">{label}</dt>
            <dd className={cn('text-xl leading-7 font-semibold tracking-tight tabular-nums', bad && 'text-danger')}>{formatNumber(value)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

import { Card, CardActions, CardContent, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Check } from '#lib/data/health.ts'
import { StateBadge } from './state-badge.tsx'

/** One part of the system: its state in words and the numbers behind it. */
export function CheckCard({ title, state, says, facts }: Check) {
  return (
    <Card>
      <CardHeader><CardTitle>{title}</CardTitle><CardActions><StateBadge state={state} /></CardActions></CardHeader>
      <CardContent>
        <p className="min-h-10 text-13 text-muted-foreground">{says}</p>
        <dl className="mt-2 grid gap-1 text-13">
          {facts.map(({ label, value, moment }) => (
            <div key={label} className="flex justify-between gap-4">
              <dt className="shrink-0 text-muted-foreground">{label}</dt>
              <dd className="min-w-0 text-right break-words tabular-nums">{moment ? <RelativeTime iso={value} /> : value}</dd>
            </div>
          ))}
        </dl>
      </CardContent>
    </Card>
  )
}

import { BookOpenText, Upload } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'

const steps = [
  { title: 'Get the files', text: 'Seven CSV files from the partner (customers, vehicles, invoices, line items, payments, parts, suppliers) and a manifest that counts them.' },
  { title: 'Drop them here', text: 'They are checked in your browser first: names, columns, rows and checksums, before anything is sent.' },
  { title: 'Read the outcome', text: 'Every row is accounted for, to the cent. What stayed out is listed with its line, the reason and what to do.' },
]

/** The home page of an installation that has never loaded anything. */
export function FirstStart({ name, mayLoad }: { name: string; mayLoad: boolean }) {
  return (
    <div className="mx-auto grid max-w-3xl gap-6 py-6 md:py-12">
      <div>
        <h1 className="text-2xl font-semibold tracking-tight">Welcome, {name}</h1>
        <p className="mt-2 max-w-xl text-sm text-muted-foreground">
          Onramp moves an auto-repair shop&apos;s books from another system into ours. Nothing has been loaded here yet.
        </p>
      </div>
      <Card>
        <ol className="grid divide-y md:grid-cols-3 md:divide-x md:divide-y-0">
          {steps.map(({ title, text }, i) => (
            <li key={title} className="p-5">
              <span className="grid size-6 place-items-center rounded-full bg-primary text-xs font-semibold text-primary-foreground" aria-hidden>{i + 1}</span>
              <h2 className="mt-3 text-sm font-semibold">{title}</h2>
              <p className="mt-1 text-13 text-muted-foreground">{text}</p>
            </li>
          ))}
        </ol>
      </Card>
      <div className="flex flex-wrap gap-2">
        {mayLoad ? <Button asChild variant="primary" size="lg"><Link href="/loads/new"><Upload aria-hidden />Upload your first load</Link></Button> : null}
        <Button asChild size="lg"><Link href="/help/contract"><BookOpenText aria-hidden />What the files must look like</Link></Button>
      </div>
      {mayLoad ? null : <p className="text-13 text-muted-foreground">Your role may look at loads but not start them. They appear here as soon as a colleague has sent one.</p>}
    </div>
  )
}

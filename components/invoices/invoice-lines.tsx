'use client'

import { useMutation } from '@tanstack/react-query'
import { ChevronDown, ChevronRight, ListX } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardActions, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { cn } from '#components/ui/cn.ts'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatMoney, formatNumber, Money } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableFooter, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { ask } from '#components/upload/api.ts'
import type { InvoiceLine, InvoiceLines as Lines } from '#lib/data/invoice.ts'
import { closedAtFirst, hiddenBy, toggled } from './collapsing.ts'
import { quantity, words } from './words.ts'

type Props = { invoiceId: string; first: Lines; /** What all lines add up to. */ total: string; imported: boolean }

const MORE = 500
// Deeper lines are not moved further in: they say their level instead, and stay readable on a phone.
const INDENTED_LEVELS = 6
const INDENT_REM = 1.25

/** The invoice's lines as a tree: lines below another one can be folded away. Long invoices are read stretch by stretch. */
export function InvoiceLines({ invoiceId, first, total, imported }: Props) {
  const [lines, setLines] = useState(first.lines)
  const [closed, setClosed] = useState(() => closedAtFirst(first.lines))
  const more = useMutation({
    mutationFn: () => ask<Lines>(`/api/v1/invoices/${invoiceId}/lines?offset=${lines.length}&limit=${MORE}`),
    onSuccess: (next) => setLines((before) => [...before, ...next.lines]),
  })
  const hidden = hiddenBy(closed, lines)
  const foldable = lines.some((line) => line.below > 0)
  if (first.count === 0) return <Card aria-label="Lines"><EmptyState icon={ListX} title="This invoice has no lines" /></Card>
  return (
    <Card aria-labelledby="lines-title" className="overflow-hidden">
      <CardHeader>
        <CardTitle id="lines-title">Lines <span className="font-normal text-muted-foreground">{formatNumber(first.count)}</span></CardTitle>
        {foldable ? (
          <CardActions className="print-hidden">
            {closed.size > 0
              ? <Button size="sm" variant="ghost" onClick={() => setClosed(new Set())}>Open all</Button>
              : <Button size="sm" variant="ghost" onClick={() => setClosed(new Set(lines.filter((line) => line.below > 0).map((line) => line.id)))}>Close all</Button>}
          </CardActions>
        ) : null}
      </CardHeader>
      <TableRegion label="Lines of the invoice" className="border-t">
        <Table>
          <TableCaption>Lines of the invoice</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead className="min-w-64">Line</TableHead>
              <TableHead>Type</TableHead>
              <TableHead>Part number</TableHead>
              <TableHead className="text-right">Qty / hours</TableHead>
              <TableHead className="text-right">Rate</TableHead>
              <TableHead className="text-right">Total</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {lines.map((line) => (
              <TableRow key={line.id} className={hidden.has(line.id) ? 'hidden print:table-row' : undefined}>
                <LineHead line={line} imported={imported} closed={closed.has(line.id)} onToggle={() => setClosed(toggled(closed, lines, line.id))} />
                <TableCell className="whitespace-nowrap text-muted-foreground">{words(line.type)}</TableCell>
                <TableCell className="font-mono text-xs whitespace-nowrap">{line.partNumber ?? '—'}</TableCell>
                <TableCell className="text-right tabular-nums">{line.quantity === null ? '—' : formatNumber(quantity(line.quantity))}</TableCell>
                <TableCell className="text-right tabular-nums">{line.rate === null ? '—' : rate(line.rate)}</TableCell>
                <TableCell className="text-right"><Money value={line.total} /></TableCell>
              </TableRow>
            ))}
          </TableBody>
          <TableFooter>
            <TableRow>
              <TableHead scope="row" colSpan={5}>{first.count === 1 ? 'One line' : `All ${formatNumber(first.count)} lines`}</TableHead>
              <TableCell className="text-right"><Money value={total} /></TableCell>
            </TableRow>
          </TableFooter>
        </Table>
      </TableRegion>
      {lines.length < first.count ? (
        <div className="flex flex-wrap items-center gap-3 border-t bg-surface px-3 py-2 text-13 text-muted-foreground">
          <p role="status">The first {formatNumber(lines.length)} of {formatNumber(first.count)} lines</p>
          <Button size="sm" className="print-hidden" busy={more.isPending} onClick={() => more.mutate()}>Show {formatNumber(Math.min(MORE, first.count - lines.length))} more</Button>
          {more.isError ? <p role="alert" className="text-danger">{more.error.message}</p> : null}
        </div>
      ) : null}
    </Card>
  )
}

function LineHead({ line, imported, closed, onToggle }: { line: InvoiceLine; imported: boolean; closed: boolean; onToggle: () => void }) {
  const name = line.name ?? line.description ?? words(line.type)
  return (
    <TableHead scope="row" className="h-auto whitespace-normal">
      <div className="flex items-start gap-1" style={{ paddingLeft: `${Math.min(line.depth, INDENTED_LEVELS) * INDENT_REM}rem` }}>
        {line.below > 0 ? (
          <button
            type="button" aria-expanded={!closed} aria-label={`${formatNumber(line.below)} ${line.below === 1 ? 'line' : 'lines'} below ${name}`} onClick={onToggle}
            className="print-hidden -ml-1 grid size-6 shrink-0 place-items-center rounded-sm text-muted-foreground hover:bg-accent hover:text-foreground"
          >
            {closed ? <ChevronRight aria-hidden className="size-4" /> : <ChevronDown aria-hidden className="size-4" />}
          </button>
        ) : <span aria-hidden className={cn('shrink-0', line.depth > 0 ? 'w-5' : 'w-0')} />}
        <div className="min-w-0 py-0.5">
          <span className="break-words">{name}</span>
          {line.depth > 0 ? <span className={cn('font-normal text-muted-foreground', line.depth <= INDENTED_LEVELS ? 'sr-only' : 'ml-2 text-xs')}>Level {formatNumber(line.depth + 1)}</span> : null}
          {line.otherOrigin ? <Badge tone="outline" className="ml-2">{imported ? 'Added here' : 'Imported'}</Badge> : null}
          {closed ? <span className="print-hidden ml-2 text-xs font-normal text-muted-foreground">{formatNumber(line.below)} more below</span> : null}
          {line.name !== null && line.description !== null ? <span className="block text-xs font-normal break-words text-muted-foreground">{line.description}</span> : null}
        </div>
      </div>
    </TableHead>
  )
}

/** Rates have up to four digits behind the point; those beyond cents are shown only where there are any. */
function rate(value: string): string {
  const [whole, fraction = ''] = value.split('.')
  const beyondCents = fraction.slice(2).replace(/0+$/, '')
  return `${formatMoney(`${whole}.${fraction.slice(0, 2).padEnd(2, '0')}`)}${beyondCents}`
}

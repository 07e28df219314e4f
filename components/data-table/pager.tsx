'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'
import { PAGE_SIZES } from './search-params.ts'

export type Paging =
  /** Numbered pages, kept in the address as `page` and `size`. */
  | { kind: 'pages'; total: number; page: number; size: number }
  /** By key, for lists too long to count through: addresses of the neighbouring pages, and a word on where we are. */
  | { kind: 'keyset'; previous: string | null; next: string | null; summary?: string }

type PagesProps = Omit<Extract<Paging, { kind: 'pages' }>, 'kind'> & { shown: number; noun: string; onChange: (change: { page?: number | null; size?: number | null }) => void }

const barClasses = 'print-hidden flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t bg-surface px-3 py-2 text-13 text-muted-foreground'

export function PagePager({ total, page, size, shown, noun, onChange }: PagesProps) {
  const pages = Math.max(1, Math.ceil(total / size))
  const first = (page - 1) * size + 1
  return (
    <nav aria-label={`Pages of ${noun}`} className={barClasses}>
      <p role="status" className="tabular-nums">
        {shown === 0 ? `No rows on this page of ${formatNumber(total)}` : `${formatNumber(first)}–${formatNumber(first + shown - 1)} of ${formatNumber(total)}`}
      </p>
      <div className="flex items-center gap-2">
        <span className="hidden sm:inline" aria-hidden>Rows</span>
        <Select value={String(size)} onValueChange={(value) => onChange({ size: Number(value), page: null })}>
          <SelectTrigger aria-label="Rows per page" className="h-7 w-18"><SelectValue /></SelectTrigger>
          <SelectContent>{PAGE_SIZES.map((n) => <SelectItem key={n} value={String(n)}>{n}</SelectItem>)}</SelectContent>
        </Select>
        <Button size="icon-sm" aria-label="Previous page" disabled={page <= 1} onClick={() => onChange({ page: Math.min(page - 1, pages) })}><ChevronLeft aria-hidden /></Button>
        <span className="tabular-nums">{formatNumber(page)} / {formatNumber(pages)}</span>
        <Button size="icon-sm" aria-label="Next page" disabled={page >= pages} onClick={() => onChange({ page: page + 1 })}><ChevronRight aria-hidden /></Button>
      </div>
    </nav>
  )
}

export function KeysetPager({ previous, next, summary, noun }: Omit<Extract<Paging, { kind: 'keyset' }>, 'kind'> & { noun: string }) {
  if (!previous && !next && !summary) return null
  return (
    <nav aria-label={`Pages of ${noun}`} className={barClasses}>
      <p role="status" className="tabular-nums">{summary}</p>
      <div className="flex items-center gap-2">
        <Step href={previous} label="Previous" />
        <Step href={next} label="Next" />
      </div>
    </nav>
  )
}

function Step({ href, label }: { href: string | null; label: 'Previous' | 'Next' }) {
  const content = label === 'Previous' ? <><ChevronLeft aria-hidden />Previous</> : <>Next<ChevronRight aria-hidden /></>
  if (!href) return <Button size="sm" disabled>{content}</Button>
  return <Button asChild size="sm"><Link href={href} scroll={false}>{content}</Link></Button>
}

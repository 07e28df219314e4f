'use client'

import { useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import Link from 'next/link'
import { useId, useState } from 'react'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Input } from '#components/ui/input.tsx'
import { ask } from '#components/upload/api.ts'
import type { FoundShops } from '#components/upload/types.ts'
import { useLater } from '#components/upload/use-later.ts'

/** Finds a shop by the beginning of its name or id. What is typed is sent by POST: it belongs in no address. */
export function ShopFinder() {
  const results = useId()
  const [typed, setTyped] = useState('')
  const prefix = useLater(typed.trim(), 200)
  const { data, isError, error } = useQuery({
    queryKey: ['shop search', prefix],
    queryFn: () => ask<FoundShops>('/api/v1/shops/search', { prefix }),
    enabled: prefix !== '',
  })
  return (
    <search className="relative w-full sm:w-72">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted-foreground" />
      <Input {...pageFilterMark} type="search" aria-label="Find a shop" aria-controls={results} placeholder="Find a shop by name or id" autoComplete="off" className="pl-8" value={typed} onChange={(event) => setTyped(event.target.value)} />
      <div id={results} className={prefix === '' ? 'hidden' : 'absolute inset-x-0 top-9 z-20 grid rounded-lg border bg-popover p-1 text-13 shadow-md'}>
        <p role="status" className={data && data.total > 0 ? 'sr-only' : 'px-2 py-1.5 text-muted-foreground'}>
          {isError ? error.message : !data ? 'Looking…' : data.total === 0 ? 'No shop’s name or id begins like this.' : `${data.total} found`}
        </p>
        {data?.shops.map(({ id, name, slug, partner }) => (
          <Link key={id} href={`/shops/${id}`} className="rounded-md px-2 py-1.5 hover:bg-accent">
            <span className="block truncate font-medium">{name}</span>
            <span className="block truncate text-xs text-muted-foreground">{partner.name} · <span className="font-mono">{slug}</span></span>
          </Link>
        ))}
        {data && data.total > data.shops.length ? <p className="px-2 py-1.5 text-xs text-muted-foreground">{data.shops.length} of {data.total.toLocaleString('en-US')}. Type more of the name.</p> : null}
      </div>
    </search>
  )
}

'use client'

import { ChevronDown, Download } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuLabel, DropdownMenuSeparator, DropdownMenuTrigger } from '#components/ui/dropdown-menu.tsx'
import type { EntityName } from '#lib/contract/index.ts'
import { exceptionsCsvHref, rejectedRowsHref, type Place, type Wanted } from './addresses.ts'
import { capital, entityPlural } from './words.ts'

type Props = {
  place: Place
  /** What the list shows now, when that is not everything. */
  shown: { filter: Wanted; label: string } | null
  /** Entities with rejected rows; those whose staged rows are gone cannot be given back. */
  rejected: { entity: EntityName; kept: boolean }[]
}

/** Exceptions as CSV, and the rejected rows themselves, to be corrected and sent again. */
export function DownloadMenu({ place, shown, rejected }: Props) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button size="sm"><Download aria-hidden />Download<ChevronDown aria-hidden /></Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent className="max-h-96 w-72 max-w-[calc(100vw-2rem)] overflow-y-auto">
        <DropdownMenuLabel>Exceptions, as CSV</DropdownMenuLabel>
        {shown ? <DropdownMenuItem asChild><a href={exceptionsCsvHref(place, shown.filter)} download>{shown.label}</a></DropdownMenuItem> : null}
        <DropdownMenuItem asChild><a href={exceptionsCsvHref(place)} download>All exceptions</a></DropdownMenuItem>
        {rejected.length > 0 ? (
          <>
            <DropdownMenuSeparator />
            <DropdownMenuLabel>Rejected rows as sent, to correct and send again</DropdownMenuLabel>
            {rejected.map(({ entity, kept }) => (kept ? (
              <DropdownMenuItem key={entity} asChild><a href={rejectedRowsHref(place, entity)} download>{capital(entityPlural(entity))}</a></DropdownMenuItem>
            ) : (
              <DropdownMenuItem key={entity} disabled>{capital(entityPlural(entity))}: no longer kept</DropdownMenuItem>
            )))}
          </>
        ) : null}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

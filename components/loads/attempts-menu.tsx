'use client'

import { Check, ChevronDown } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuLabel, DropdownMenuTrigger } from '#components/ui/dropdown-menu.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { StatusBadge } from '#components/ui/status-badge.tsx'
import type { AttemptSummary } from '#lib/data/loads.ts'
import { startedBy } from './started-by.ts'

/** Chooses which attempt the page shows; each with its outcome, who started it, and when. */
export function AttemptsMenu({ id, attempts, shown, path = '' }: { id: string; attempts: AttemptSummary[]; shown: number; path?: string }) {
  const latest = attempts[0]!.number
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button size="sm">Attempt {shown} of {latest}<ChevronDown aria-hidden /></Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent className="max-h-96 w-90 max-w-[calc(100vw-2rem)] overflow-y-auto">
        <DropdownMenuLabel>Attempts, newest first</DropdownMenuLabel>
        {attempts.map((attempt) => (
          <DropdownMenuItem key={attempt.number} asChild>
            <Link href={`/loads/${id}${path}?attempt=${attempt.number}`} aria-current={attempt.number === shown ? 'true' : undefined} className="items-start! py-2!">
              <span className="w-4 shrink-0 pt-0.5">{attempt.number === shown ? <Check aria-hidden /> : null}</span>
              <span className="grid min-w-0 gap-1">
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-medium">Attempt {attempt.number}</span>
                  <StatusBadge status={attempt.status} />
                  {attempt.dryRun ? <span className="text-xs text-muted-foreground">Dry run</span> : null}
                </span>
                <span className="text-xs text-muted-foreground">{startedBy(attempt)}, <RelativeTime iso={attempt.startedAt} absolute /></span>
              </span>
            </Link>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

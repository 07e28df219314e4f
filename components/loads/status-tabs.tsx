'use client'

import { useQueryStates } from 'nuqs'
import { cn } from '#components/ui/cn.ts'
import { formatNumber } from '#components/ui/num.tsx'
import { statusWord } from '#components/ui/status-badge.tsx'
import { loadStatuses, type LoadStatus } from '#lib/load-status.ts'
import { ledgerParams } from './ledger-search.ts'

const base =
  'inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md border px-2.5 text-13 font-medium whitespace-nowrap aria-pressed:border-foreground/60 aria-pressed:bg-accent'

/** How many loads there are of each status. A press adds that status to the filter or takes it out again. */
export function StatusTabs({ counts }: { counts: Record<LoadStatus, number> }) {
  const [{ status: chosen }, setSearch] = useQueryStates(ledgerParams, { shallow: false, history: 'push' })
  const choose = (status: LoadStatus[]) => void setSearch({ status: status.length > 0 ? status : null, page: null })
  const all = loadStatuses.reduce((sum, status) => sum + counts[status], 0)
  return (
    <div role="group" aria-label="Status" className="flex gap-1.5 overflow-x-auto p-1 -m-1">
      <Tab word="All" count={all} pressed={chosen.length === 0} onPress={() => choose([])} />
      {loadStatuses.filter((status) => counts[status] > 0 || chosen.includes(status)).map((status) => (
        <Tab
          key={status} word={statusWord(status)} count={counts[status]} pressed={chosen.includes(status)}
          onPress={() => choose(chosen.includes(status) ? chosen.filter((other) => other !== status) : [...chosen, status])}
        />
      ))}
    </div>
  )
}

function Tab({ word, count, pressed, onPress }: { word: string; count: number; pressed: boolean; onPress: () => void }) {
  return (
    <button type="button" aria-pressed={pressed} onClick={onPress} className={cn(base, pressed ? 'text-foreground' : 'bg-card text-muted-foreground hover:bg-accent hover:text-foreground')}>
      {word}
      <span className="text-xs font-normal text-muted-foreground tabular-nums">{formatNumber(count)}</span>
    </button>
  )
}

'use client'

import { useQueryStates } from 'nuqs'
import { cn } from '#components/ui/cn.ts'
import { formatNumber } from '#components/ui/num.tsx'
import { invoiceStates, type InvoiceState } from '#lib/invoices/states.ts'
import { invoiceSearchParams } from './invoice-search-params.ts'
import { stateWord } from './words.ts'

const base =
  'inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md border px-2.5 text-13 font-medium whitespace-nowrap aria-pressed:border-foreground/60 aria-pressed:bg-accent'

/** How many invoices there are of each state. A press adds that state to the filter or takes it out again. */
export function StateTabs({ counts }: { counts: Record<InvoiceState, number> }) {
  const [{ state: chosen }, setSearch] = useQueryStates(invoiceSearchParams, { shallow: false, history: 'push' })
  const choose = (state: InvoiceState[]) => void setSearch({ state: state.length > 0 ? state : null, page: null })
  const all = invoiceStates.reduce((sum, state) => sum + counts[state], 0)
  return (
    <div role="group" aria-label="State" className="print-hidden -m-1 flex gap-1.5 overflow-x-auto p-1">
      <Tab word="All" count={all} pressed={chosen.length === 0} onPress={() => choose([])} />
      {invoiceStates.filter((state) => counts[state] > 0 || chosen.includes(state)).map((state) => (
        <Tab
          key={state} word={stateWord(state)} count={counts[state]} pressed={chosen.includes(state)}
          onPress={() => choose(chosen.includes(state) ? chosen.filter((other) => other !== state) : [...chosen, state])}
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

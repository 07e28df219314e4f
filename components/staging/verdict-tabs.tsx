import { formatNumber } from '#components/ui/num.tsx'
import { LinkTabs } from '#components/ui/tabs.tsx'
import type { StagedSheet, Verdict } from '#lib/data/staging.ts'
import { sheetHref, type Sheet } from './addresses.ts'
import { verdictWord } from './verdict-badge.tsx'

const matched = ['new', 'changed', 'unchanged', 'rejected', 'superseded', 'identical'] as const
const unmatched = ['valid', 'rejected'] as const

/** Filters a staged file by what became of its records. */
export function VerdictTabs({ sheet, counts, records, verdict }: { sheet: Sheet; counts: StagedSheet['counts']; records: number; verdict: Verdict | null }) {
  const choices: readonly Verdict[] = counts ? matched : unmatched
  return (
    <LinkTabs
      label="What became of the records"
      tabs={[
        { href: sheetHref(sheet), label: 'All', current: verdict === null, count: formatNumber(records) },
        ...choices.map((choice) => ({
          href: sheetHref(sheet, { verdict: choice }), label: verdictWord(choice), current: verdict === choice,
          count: counts?.[choice] === undefined ? undefined : formatNumber(counts[choice]),
        })),
      ]}
    />
  )
}

'use client'

import { useQueryStates } from 'nuqs'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'
import type { PartnerRow } from '#lib/data/shops.ts'
import { shopSearchParams } from './shop-search-params.ts'

const ALL = 'all'

/** Narrows the list of shops to one partner's. */
export function PartnerFilter({ partners }: { partners: readonly PartnerRow[] }) {
  const [{ partner }, setSearch] = useQueryStates(shopSearchParams, { shallow: false, history: 'push' })
  return (
    <Select value={partner ?? ALL} onValueChange={(value) => void setSearch({ partner: value === ALL ? null : value, page: null })}>
      <SelectTrigger aria-label="Partner" className="w-full sm:w-56"><SelectValue /></SelectTrigger>
      <SelectContent>
        <SelectItem value={ALL}>All partners</SelectItem>
        {partners.map(({ id, name, shops }) => <SelectItem key={id} value={id}>{name} ({shops})</SelectItem>)}
      </SelectContent>
    </Select>
  )
}

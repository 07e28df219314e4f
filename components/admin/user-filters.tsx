'use client'

import { Search } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { roleWords } from '#components/account/role-words.ts'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Input } from '#components/ui/input.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'
import { useTypedEarly } from '#components/ui/use-typed-early.ts'
import { roles, type Role } from '#lib/auth/permissions.ts'
import type { UserState } from '#lib/data/users.ts'
import { userSearchParams, userStates } from './user-search-params.ts'

export const stateWords: Record<UserState, string> = { active: 'Active', invited: 'Invited', disabled: 'Disabled' }

// The value of "no choice"; roles and states are words.
const ANY = '*'

/** Narrows the list of accounts: by a part of a name or e-mail, by role, by state. */
export function UserFilters({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [{ role, state }, setSearch] = useQueryStates(userSearchParams, { history: 'push' })
  const control = useTypedEarly(text, onText)
  return (
    <search className="flex flex-wrap gap-2">
      <div className="relative w-full sm:w-72">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted-foreground" />
        <Input
          {...pageFilterMark} ref={control} type="search" aria-label="Find a person" placeholder="Find by name or e-mail" autoComplete="off" className="pl-8"
          value={text} onChange={(event) => onText(event.target.value)}
        />
      </div>
      <Select value={role ?? ANY} onValueChange={(value) => void setSearch({ role: value === ANY ? null : (value as Role), page: null })}>
        <SelectTrigger aria-label="Role" className="w-38"><SelectValue /></SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>All roles</SelectItem>
          {roles.map((one) => <SelectItem key={one} value={one}>{roleWords[one].word}</SelectItem>)}
        </SelectContent>
      </Select>
      <Select value={state ?? ANY} onValueChange={(value) => void setSearch({ state: value === ANY ? null : (value as UserState), page: null })}>
        <SelectTrigger aria-label="State" className="w-38"><SelectValue /></SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>All states</SelectItem>
          {userStates.map((one) => <SelectItem key={one} value={one}>{stateWords[one]}</SelectItem>)}
        </SelectContent>
      </Select>
    </search>
  )
}

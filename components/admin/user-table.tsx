'use client'

import { Ellipsis, Users } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { toast } from 'sonner'
import { roleWords } from '#components/account/role-words.ts'
import { DataTable, type DataColumn } from '#components/data-table/data-table.tsx'
import { pageOf, type Sort } from '#components/data-table/search-params.ts'
import { Button } from '#components/ui/button.tsx'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from '#components/ui/dropdown-menu.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { NewLink } from '#lib/data/invitations.ts'
import type { PartnerChoice, UserRow } from '#lib/data/users.ts'
import { InviteDialog } from './invite-dialog.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { StateBadge } from './state-badge.tsx'
import { changesFor, changeWords, UserChangeDialog, type UserChange } from './user-changes.tsx'
import { UserFilters } from './user-filters.tsx'
import { userSearchParams } from './user-search-params.ts'

type Open = { kind: 'invite' } | { kind: 'change'; user: UserRow; change: UserChange } | { kind: 'link'; name: string; link: NewLink } | null

/** Everybody with an account: found in the browser, since names and e-mails stay out of addresses. */
export function UserTable({ users, total, partners, ownId }: { users: UserRow[]; total: number; partners: readonly PartnerChoice[]; ownId: string }) {
  const router = useRouter()
  const [{ role, state, sort, ...paging }] = useQueryStates(userSearchParams)
  const [text, setText] = useState('')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  const columns = useMemo(() => columnsFor(ownId, (user, change) => setOpen({ kind: 'change', user, change })), [ownId, setOpen])

  const sought = text.trim().toLowerCase()
  const found = sorted(users.filter((user) => (!role || user.role === role) && (!state || user.state === state)
    && (user.name.toLowerCase().includes(sought) || user.email.includes(sought))), sort)
  const { page, size, skip } = pageOf(paging)
  // A search begins on its first page, wherever the list was.
  const from = sought && skip >= found.length ? 0 : skip

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <UserFilters text={text} onText={setText} />
        <Button variant="primary" onClick={() => setOpen({ kind: 'invite' })}>Invite somebody</Button>
      </div>
      <p role="status" className="sr-only">{formatNumber(found.length)} accounts</p>
      <DataTable
        caption="Accounts" columns={columns} rows={found.slice(from, from + size)} rowId={({ id }) => id} sort={sort}
        paging={{ kind: 'pages', total: found.length, page: from === skip ? page : 1, size }}
        empty={<EmptyState icon={Users} title="Nobody is found">Nobody has this role and state, with these letters in the name or e-mail.</EmptyState>}
      />
      {total > users.length ? <p className="text-13 text-muted-foreground">Only the first {formatNumber(users.length)} of {formatNumber(total)} accounts are shown.</p> : null}
      {open?.kind === 'invite' ? <InviteDialog partners={partners} onClose={close} onInvited={(name, link) => { setOpen({ kind: 'link', name, link }); router.refresh() }} /> : null}
      {open?.kind === 'change' ? (
        <UserChangeDialog
          user={open.user} partners={partners} change={open.change} onClose={close}
          onDone={(said) => { close(); toast.success(said); router.refresh() }}
          onLink={(link) => { setOpen({ kind: 'link', name: open.user.name, link }); router.refresh() }}
        />
      ) : null}
      {open?.kind === 'link' ? <LinkDialog name={open.name} link={open.link} onClose={close} /> : null}
    </div>
  )
}

function columnsFor(ownId: string, onChange: (user: UserRow, change: UserChange) => void): DataColumn<UserRow>[] {
  return [
    {
      id: 'name', header: 'Name', sortable: true, rowHeader: true,
      cell: ({ id, name }) => <>{name}{id === ownId ? <span className="font-normal text-muted-foreground"> (you)</span> : null}</>,
    },
    { id: 'email', header: 'E-mail', sortable: true, cell: ({ email }) => <Email address={email} /> },
    { id: 'role', header: 'Role', cell: ({ role }) => roleWords[role].word },
    { id: 'sees', header: 'Sees', cell: ({ partner }) => partner?.name ?? <span className="whitespace-nowrap text-muted-foreground">All partners</span> },
    {
      id: 'state', header: 'State',
      cell: (user) => (
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <StateBadge {...user} />
          {user.link && !user.link.expired ? <span className="text-xs text-muted-foreground">Link works until <RelativeTime iso={user.link.expiresAt} absolute /></span> : null}
          {user.state === 'active' && user.mustChangePassword ? <span className="text-xs text-muted-foreground">Has a password to replace</span> : null}
        </span>
      ),
    },
    { id: 'lastLogin', header: 'Last sign-in', sortable: true, cell: ({ lastLoginAt }) => <RelativeTime iso={lastLoginAt} empty="Never" className="whitespace-nowrap" /> },
    { id: 'actions', header: 'Actions', align: 'right', cell: (user) => (user.id === ownId ? null : <RowMenu user={user} onChange={(change) => onChange(user, change)} />) },
  ]
}

/** Where there is no room for it in one line, the name of the mail's server goes into the next. */
function Email({ address }: { address: string }) {
  const at = address.lastIndexOf('@') + 1
  return <span className="block min-w-36 wrap-anywhere">{address.slice(0, at)}<wbr />{address.slice(at)}</span>
}

function RowMenu({ user, onChange }: { user: UserRow; onChange: (change: UserChange) => void }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label={`Change ${user.name}`}><Ellipsis aria-hidden /></Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {changesFor(user).map((change) => <DropdownMenuItem key={change} onSelect={() => onChange(change)}>{changeWords[change]}</DropdownMenuItem>)}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

const byName = (a: UserRow, b: UserRow) => a.name.localeCompare(b.name, 'en') || a.email.localeCompare(b.email, 'en')
const orders: Record<string, (a: UserRow, b: UserRow) => number> = {
  name: byName,
  email: (a, b) => a.email.localeCompare(b.email, 'en'),
  lastLogin: (a, b) => (a.lastLoginAt ?? '').localeCompare(b.lastLoginAt ?? '') || byName(a, b),
}

function sorted(users: UserRow[], sort: Sort | null): UserRow[] {
  const order = (sort && Object.hasOwn(orders, sort.id) ? orders[sort.id] : undefined) ?? byName
  return users.toSorted((a, b) => (sort?.desc ? order(b, a) : order(a, b)))
}

import type { Metadata } from 'next'
import { AdminTabs } from '#components/admin/admin-tabs.tsx'
import { UserTable } from '#components/admin/user-table.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { listUsers, partnerChoices } from '#lib/data/users.ts'
import { orErrorPage } from '#lib/http/page.ts'

export const metadata: Metadata = { title: 'Accounts' }

/** Who may sign in, in which role, and what each sees. */
export default async function UsersPage() {
  const user = await requireUser('user:manage')
  const [{ rows, total }, partners] = await orErrorPage(Promise.all([listUsers(user), partnerChoices(user)]))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader title="Accounts" description="Who may sign in to Onramp, and in which role. Every change is in the audit trail." />
      <AdminTabs />
      <UserTable users={rows} total={total} partners={partners} ownId={user.id} />
    </div>
  )
}

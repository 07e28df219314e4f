import type { Metadata } from 'next'
import { roleWords } from '#components/account/role-words.ts'
import { AdminTabs } from '#components/admin/admin-tabs.tsx'
import { RoleMatrix } from '#components/admin/role-matrix.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { roles } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'

export const metadata: Metadata = { title: 'Roles' }

/** What each role may do. */
export default async function RolesPage() {
  await requireUser('user:manage')
  return (
    <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader title="Roles" description="Four roles, each with all that the one before it may do. They are part of the program and cannot be changed here." />
      <AdminTabs />
      <dl className="grid gap-x-6 gap-y-2 text-13 sm:grid-cols-2">
        {roles.map((role) => <div key={role}><dt className="font-medium">{roleWords[role].word}</dt><dd className="text-muted-foreground">{roleWords[role].purpose}</dd></div>)}
      </dl>
      <RoleMatrix />
    </div>
  )
}

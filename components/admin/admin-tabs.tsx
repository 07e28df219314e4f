'use client'

import { usePathname } from 'next/navigation'
import { LinkTabs } from '#components/ui/tabs.tsx'

/** The pages about who may do what. */
export function AdminTabs() {
  const pathname = usePathname()
  const tab = (href: string, label: string) => ({ href, label, current: pathname === href })
  return <LinkTabs label="Accounts and roles" tabs={[tab('/admin/users', 'Accounts'), tab('/admin/roles', 'Roles')]} />
}

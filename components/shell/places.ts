import { Activity, BookOpenText, FileText, House, ListChecks, ScrollText, Store, TableProperties, Upload, Users, type LucideIcon } from 'lucide-react'
import { can, type Permission, type Role } from '#lib/auth/permissions.ts'

export type Place = { href: string; label: string; icon: LucideIcon; permission?: Permission; /** Second key after G. */ jump: string }

const groups: { label: string; places: Place[] }[] = [
  {
    label: 'Work',
    places: [
      { href: '/', label: 'Home', icon: House, jump: 'h' },
      { href: '/loads', label: 'Loads', icon: ListChecks, permission: 'load:read', jump: 'l' },
      { href: '/shops', label: 'Shops', icon: Store, permission: 'load:read', jump: 's' },
      { href: '/invoices', label: 'Invoices', icon: FileText, permission: 'invoice:read', jump: 'i' },
    ],
  },
  {
    label: 'Engineering',
    places: [
      { href: '/staging', label: 'Staging', icon: TableProperties, permission: 'staging:read', jump: 't' },
      { href: '/health', label: 'Health', icon: Activity, permission: 'health:read', jump: 'e' },
    ],
  },
  {
    label: 'Admin',
    places: [
      { href: '/admin/users', label: 'Accounts', icon: Users, permission: 'user:manage', jump: 'a' },
      { href: '/admin/audit', label: 'Audit trail', icon: ScrollText, permission: 'audit:read', jump: 'u' },
    ],
  },
  { label: 'Help', places: [{ href: '/help/contract', label: 'Contract help', icon: BookOpenText, jump: 'c' }] },
]

/** Where a person of that role may go, in the groups of the sidebar. */
export function placesFor(user: { role: Role }): { label: string; places: Place[] }[] {
  return groups
    .map(({ label, places }) => ({ label, places: places.filter(({ permission }) => !permission || can(user, permission)) }))
    .filter(({ places }) => places.length > 0)
}

/** Whether the page at `pathname` belongs to the place. */
export function isWithin(pathname: string, href: string): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`)
}

export const newLoad = { href: '/loads/new', label: 'New load', icon: Upload, permission: 'load:create' } as const

import { notAllowed } from '#lib/errors.ts'

export const roles = ['viewer', 'support', 'engineer', 'admin'] as const
export type Role = (typeof roles)[number]

export type Permission =
  | 'load:read' | 'load:create' | 'load:rerun' | 'file:download' | 'exception:read' | 'staging:read' | 'invoice:read'
  | 'shop:create' | 'health:read' | 'pii:read' | 'account:own' | 'user:manage' | 'audit:read'

/** What each permission lets a person do, as the end of "Your role does not allow you to …". */
export const permissionWords: Record<Permission, string> = {
  'load:read': 'see loads',
  'load:create': 'start loads',
  'load:rerun': 'run loads again',
  'file:download': 'download files',
  'exception:read': 'see exceptions',
  'staging:read': 'see staged rows',
  'invoice:read': 'see invoices',
  'shop:create': 'add shops',
  'health:read': 'see the state of the system',
  'pii:read': 'see personal data',
  'account:own': 'change your own account',
  'user:manage': 'manage accounts',
  'audit:read': 'read the audit trail',
}

const viewer: Permission[] = ['load:read', 'exception:read', 'invoice:read', 'account:own']
const support: Permission[] = [...viewer, 'load:create', 'load:rerun', 'file:download', 'shop:create', 'pii:read']
const engineer: Permission[] = [...support, 'staging:read', 'health:read']

const granted: Record<Role, ReadonlySet<Permission>> = {
  viewer: new Set(viewer),
  support: new Set(support),
  engineer: new Set(engineer),
  admin: new Set(Object.keys(permissionWords) as Permission[]),
}

/** Whether that is one of the four roles. */
export function isRole(value: string): value is Role {
  return (roles as readonly string[]).includes(value)
}

/** Whether accounts of that role may be limited to one partner: what the others are for concerns the whole installation. */
export function mayBeLimited(role: string): boolean {
  return role === 'viewer' || role === 'support'
}

/** Whether the person's role includes the permission. */
export function can(user: { role: Role }, permission: Permission): boolean {
  return granted[user.role].has(permission)
}

/** Throws `not_allowed` unless the person's role includes the permission. */
export function authorize(user: { role: Role }, permission: Permission): void {
  if (!can(user, permission)) throw notAllowed(permissionWords[permission])
}

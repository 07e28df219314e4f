/** One account per role, made by the global setup for the tests alone. */
export type RoleName = 'viewer' | 'support' | 'engineer' | 'admin'
export type Account = { email: string; name: string; role: RoleName; password: string }

const account = (role: RoleName, name: string): Account =>
  ({ email: `e2e-${role}@onramp.example`, name, role, password: `correct horse ${role} staple` })

export const accounts: Record<RoleName, Account> = {
  viewer: account('viewer', 'Vera Viewer'),
  support: account('support', 'Sam Support'),
  engineer: account('engineer', 'Erin Engineer'),
  admin: account('admin', 'Ada Admin'),
}

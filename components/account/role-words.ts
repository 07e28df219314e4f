import type { Role } from '#lib/auth/permissions.ts'

/** The roles as pages call them, and whom each is for. */
export const roleWords: Record<Role, { word: string; purpose: string }> = {
  viewer: { word: 'Viewer', purpose: 'Sees loads, exceptions and invoices, with personal data masked.' },
  support: { word: 'Support', purpose: 'Uploads and reruns loads, corrects what was rejected.' },
  engineer: { word: 'Engineer', purpose: 'Also looks into staged rows and the state of the system.' },
  admin: { word: 'Admin', purpose: 'Also manages accounts and reads the audit trail.' },
}

import { Ban, CircleCheck, Mail, MailX } from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import type { UserRow } from '#lib/data/users.ts'

/** Whether somebody can sign in, as icon, word and colour. */
export function StateBadge({ state, link }: Pick<UserRow, 'state' | 'link'>) {
  if (state === 'disabled') return <Badge><Ban aria-hidden />Disabled</Badge>
  if (state === 'active') return <Badge tone="success"><CircleCheck aria-hidden />Active</Badge>
  if (!link) return <Badge tone="warning"><MailX aria-hidden />Invited, link revoked</Badge>
  return link.expired ? <Badge tone="warning"><MailX aria-hidden />Invited, link expired</Badge> : <Badge tone="info"><Mail aria-hidden />Invited</Badge>
}

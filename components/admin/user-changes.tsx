'use client'

import { useState } from 'react'
import { send } from '#components/account/api.ts'
import { roleWords } from '#components/account/role-words.ts'
import { mayBeLimited, type Role } from '#lib/auth/permissions.ts'
import type { NewLink } from '#lib/data/invitations.ts'
import type { PartnerChoice as Choice, UserRow } from '#lib/data/users.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { PartnerChoice } from './partner-choice.tsx'
import { RoleChoice } from './role-choice.tsx'

export type UserChange = 'role' | 'partner' | 'link' | 'revoke' | 'sessions' | 'disable' | 'enable' | 'remove'

/** How each change is called in the menu. */
export const changeWords: Record<UserChange, string> = {
  role: 'Change the role …', partner: 'Change the partner …', link: 'New password link …', revoke: 'Revoke the link …', sessions: 'Sign out everywhere …', disable: 'Disable …', enable: 'Enable …',
  remove: 'Take the invitation back …',
}

/** What can be done with somebody else's account. */
export function changesFor({ state, link, role }: Pick<UserRow, 'state' | 'link' | 'role'>): UserChange[] {
  const ofAccount: UserChange[] = mayBeLimited(role) ? ['role', 'partner'] : ['role']
  if (state === 'disabled') return ['enable', ...ofAccount]
  const revoke: UserChange[] = link && !link.expired ? ['revoke'] : []
  return state === 'invited' ? ['link', ...revoke, ...ofAccount, 'remove'] : [...ofAccount, 'link', ...revoke, 'sessions', 'disable']
}

type Props = {
  user: UserRow; partners: readonly Choice[]; change: UserChange
  onClose: () => void; onDone: (said: string) => void; onLink: (link: NewLink) => void
}

/** The dialog of a change of somebody else's account. */
export function UserChangeDialog({ user, partners, change, onClose, onDone, onLink }: Props) {
  const { id, name, state } = user
  const [role, setRole] = useState<Role>(user.role)
  const [partnerId, setPartnerId] = useState<string | null>(user.partner?.id ?? null)
  const place = `/api/v1/users/${id}`
  const done = (said: string) => async (sent: Promise<unknown>) => {
    await sent
    onDone(said)
  }
  switch (change) {
    case 'role': return (
      <ChangeDialog
        title={`Change the role of ${name}`} effect="Their sessions end; the new role counts from the next sign-in." confirm="Change the role" onClose={onClose}
        act={() => done(`${name} is ${roleWords[role].word.toLowerCase()} now.`)(send('POST', `${place}/role`, { role }))}
      >
        {() => <RoleChoice value={role} onChange={setRole} />}
      </ChangeDialog>
    )
    case 'partner': return (
      <ChangeDialog
        title={`Change what ${name} sees`} effect="It counts from their next click on; their sessions go on." confirm="Change the partner" onClose={onClose}
        act={() => done(`${name} sees ${partners.find(({ id: one }) => one === partnerId)?.name ?? 'all partners'} now.`)(send('POST', `${place}/partner`, { partnerId }))}
      >
        {(errors) => <PartnerChoice role={user.role} partners={partners} value={partnerId} error={errors.partnerId} onChange={setPartnerId} />}
      </ChangeDialog>
    )
    case 'link': return (
      <ChangeDialog
        title={`New link for ${name}`} confirm="Make the link" onClose={onClose}
        effect={state === 'invited' ? 'It lets them choose a password. A link from before works no longer.'
          : 'It lets them choose a new password, which signs them out everywhere. Until they use it the old password goes on working.'}
        act={async () => onLink(await send<NewLink>('POST', `${place}/link`))}
      />
    )
    case 'revoke': return (
      <ChangeDialog
        title={`Revoke the link of ${name}?`} effect="It works no longer. You can make a new one at any time." confirm="Revoke the link" onClose={onClose}
        act={() => done(`The link of ${name} works no longer.`)(send('DELETE', `${place}/link`))}
      />
    )
    case 'sessions': return (
      <ChangeDialog
        title={`Sign ${name} out everywhere?`} effect="All their sessions end at once. They can sign in again." confirm="Sign out everywhere" onClose={onClose}
        act={() => done(`${name} is signed out everywhere.`)(send('DELETE', `${place}/sessions`))}
      />
    )
    case 'disable': return (
      <ChangeDialog
        danger title={`Disable ${name}?`} confirm="Disable" onClose={onClose}
        effect="Their sessions end at once and nobody can sign in to the account. What they did keeps their name, and the account can be enabled again."
        act={() => done(`${name} is disabled.`)(send('POST', `${place}/disable`))}
      />
    )
    case 'enable': return (
      <ChangeDialog
        title={`Enable ${name}?`} effect={`They can sign in again with their password, as ${roleWords[user.role].word.toLowerCase()}.`} confirm="Enable" onClose={onClose}
        act={() => done(`${name} is enabled.`)(send('POST', `${place}/enable`))}
      />
    )
    case 'remove': return (
      <ChangeDialog
        danger title={`Take back the invitation of ${name}?`} confirm="Take it back" onClose={onClose}
        effect="The link works no longer, and the account is gone. Nobody ever used it."
        act={() => done(`The invitation of ${name} is taken back.`)(send('DELETE', place))}
      />
    )
  }
}

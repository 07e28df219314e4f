'use client'

import { useState } from 'react'
import { send } from '#components/account/api.ts'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { mayBeLimited, type Role } from '#lib/auth/permissions.ts'
import type { NewLink } from '#lib/data/invitations.ts'
import type { PartnerChoice as Choice } from '#lib/data/users.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { PartnerChoice } from './partner-choice.tsx'
import { RoleChoice } from './role-choice.tsx'

type Props = { partners: readonly Choice[]; onClose: () => void; onInvited: (name: string, link: NewLink) => void }

/** Asks whom to invite. Gives the one-time link, with the person's name. */
export function InviteDialog({ partners, onClose, onInvited }: Props) {
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [partner, setPartner] = useState<string | null>(null)
  const partnerId = mayBeLimited(role) ? partner : null
  return (
    <ChangeDialog
      title="Invite somebody" effect="You get a link that lets them choose a password. Until then nobody can sign in to the account." confirm="Invite" onClose={onClose}
      act={async () => onInvited(name.trim(), await send<NewLink>('POST', '/api/v1/users', { email, name, role, partnerId }))}
    >
      {(errors) => (
        <>
          <Field label="E-mail" error={errors.email}>
            {(control) => <Input {...control} type="email" autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} />}
          </Field>
          <Field label="Name" hint="As others see it in the ledger." error={errors.name}>
            {(control) => <Input {...control} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <RoleChoice value={role} onChange={setRole} />
          <PartnerChoice role={role} partners={partners} value={partnerId} error={errors.partnerId} onChange={setPartner} />
        </>
      )}
    </ChangeDialog>
  )
}

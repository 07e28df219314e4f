'use client'

import { Field } from '#components/ui/field.tsx'
import { controlClasses } from '#components/ui/input.tsx'
import { mayBeLimited, type Role } from '#lib/auth/permissions.ts'
import type { PartnerChoice as Choice } from '#lib/data/users.ts'

type Props = { role: Role; partners: readonly Choice[]; value: string | null; error?: string; onChange: (partnerId: string | null) => void }

/** What an account sees: all partners, or one. */
export function PartnerChoice({ role, partners, value, error, onChange }: Props) {
  const limitable = mayBeLimited(role)
  return (
    <Field label="Sees" hint={limitable ? 'Loads, shops and invoices of one partner, or of all.' : 'Engineers and admins see all partners.'} error={error}>
      {(control) => (
        <select {...control} disabled={!limitable} value={limitable ? (value ?? '') : ''} onChange={(event) => onChange(event.target.value || null)} className={controlClasses}>
          <option value="">All partners</option>
          {partners.map(({ id, name, slug }) => <option key={id} value={id}>{name} ({slug})</option>)}
        </select>
      )}
    </Field>
  )
}

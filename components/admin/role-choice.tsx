'use client'

import { roleWords } from '#components/account/role-words.ts'
import { roles, type Role } from '#lib/auth/permissions.ts'

type Props = { value: Role; onChange: (role: Role) => void }

/** One of the four roles, each with whom it is for. */
export function RoleChoice({ value, onChange }: Props) {
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 text-13 font-medium">Role</legend>
      {roles.map((role) => (
        <label key={role} className="grid grid-cols-[auto_1fr] items-center gap-x-2.5 rounded-md border px-3 py-2 text-13 font-medium has-checked:border-foreground/60 has-checked:bg-accent">
          <input type="radio" name="role" value={role} checked={role === value} onChange={() => onChange(role)} className="size-6 scale-70 accent-primary" />
          {roleWords[role].word}
          <span className="col-start-2 text-xs font-normal text-muted-foreground">{roleWords[role].purpose}</span>
        </label>
      ))}
    </fieldset>
  )
}

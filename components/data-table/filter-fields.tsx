'use client'

import { useId } from 'react'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'

type ChoiceProps = { label: string; any: string; value: string | null; options: readonly (readonly [string, string])[]; onChange: (value: string | null) => void }

// The value of "no choice"; ids are digits and words are letters, so it cannot be one of them.
const ANY = '*'

/** One of some values, or any. */
export function FilterChoice({ label, any, value, options, onChange }: ChoiceProps) {
  const id = useId()
  return (
    <div className="grid w-44 gap-1 max-sm:w-[calc(50%-0.375rem)]">
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Select value={value ?? ANY} onValueChange={(chosen) => onChange(chosen === ANY ? null : chosen)}>
        <SelectTrigger id={id}><SelectValue /></SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>{any}</SelectItem>
          {options.map(([option, text]) => <SelectItem key={option} value={option}>{text}</SelectItem>)}
        </SelectContent>
      </Select>
    </div>
  )
}

type DayProps = { label: string; /** Before that, what somebody types would be lost. */ ready: boolean; value: string; onChange: (day: string) => void }

/** A day in the reader's time zone, as `YYYY-MM-DD`. */
export function FilterDay({ label, ready, value, onChange }: DayProps) {
  const id = useId()
  return (
    <div className="grid w-38 gap-1 max-sm:w-[calc(50%-0.375rem)]">
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Input id={id} type="date" disabled={!ready} value={value} onChange={(event) => onChange(event.target.value)} />
    </div>
  )
}

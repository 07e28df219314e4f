'use client'

import { useId, useState } from 'react'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'

type ChoiceProps = {
  label: string; wide?: boolean; /** The words for no choice; without them there always is one. */ any?: string
  value: string | null; options: readonly (readonly [string, string])[]; onChange: (value: string | null) => void
}

// The value of "no choice"; ids are digits and words are letters, so it cannot be one of them.
const ANY = '*'

/** One of some values, or any. */
export function FilterChoice({ label, wide = false, any, value, options, onChange }: ChoiceProps) {
  const id = useId()
  return (
    <div className={wide ? 'grid w-72 gap-1 max-sm:w-full' : 'grid w-44 gap-1 max-sm:w-[calc(50%-0.375rem)]'}>
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Select value={value ?? ANY} onValueChange={(chosen) => onChange(chosen === ANY ? null : chosen)}>
        <SelectTrigger id={id}><SelectValue /></SelectTrigger>
        <SelectContent>
          {any === undefined ? null : <SelectItem value={ANY}>{any}</SelectItem>}
          {options.map(([option, text]) => <SelectItem key={option} value={option}>{text}</SelectItem>)}
        </SelectContent>
      </Select>
    </div>
  )
}

type DayProps = { label: string; /** Before that, what somebody types would be lost. */ ready: boolean; value: string; onChange: (day: string) => void }

// While a year is typed it passes through 0002, 0020 and 0202.
const FIRST_YEAR = 1900

/** A day in the reader's time zone, as `YYYY-MM-DD`. What is half typed stays in the field alone, and goes when the field is left. */
export function FilterDay({ label, ready, value, onChange }: DayProps) {
  const id = useId()
  const [{ given, shown }, setField] = useState({ given: value, shown: value })
  if (given !== value) setField({ given: value, shown: value })
  const type = (day: string) => {
    setField({ given: value, shown: day })
    if (day === '' || Number(day.slice(0, 4)) >= FIRST_YEAR) onChange(day)
  }
  return (
    <div className="grid w-38 gap-1 max-sm:w-[calc(50%-0.375rem)]">
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Input id={id} type="date" disabled={!ready} value={shown} onChange={(event) => type(event.target.value)} onBlur={() => setField({ given: value, shown: value })} />
    </div>
  )
}

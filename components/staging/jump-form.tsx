'use client'

import { useRouter } from 'next/navigation'
import { useId, useState, type FormEvent } from 'react'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Button } from '#components/ui/button.tsx'
import { Input } from '#components/ui/input.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'
import { sheetHref, type Sheet } from './addresses.ts'

const kinds = { record: 'Record', line: 'Line', key: 'Key' } as const
type Kind = keyof typeof kinds

/** Goes to a record by its number, its line in the file, or its key. Keys go to the server in a body, never in an address. */
export function JumpForm({ sheet, records }: { sheet: Sheet; records: number }) {
  const router = useRouter()
  const id = useId()
  const [kind, setKind] = useState<Kind>('record')
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const go = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const found = await find(sheet, kind, text, records)
    setBusy(false)
    setProblem(typeof found === 'string' ? found : null)
    if (typeof found === 'number') router.push(sheetHref(sheet, { record: found }))
  }

  return (
    <form onSubmit={go} className="grid gap-1">
      <div className="flex items-center gap-2">
        <Select value={kind} onValueChange={(value) => setKind(value as Kind)}>
          <SelectTrigger aria-label="Go to" className="w-28"><SelectValue /></SelectTrigger>
          <SelectContent>{Object.entries(kinds).map(([value, word]) => <SelectItem key={value} value={value}>{word}</SelectItem>)}</SelectContent>
        </Select>
        <Input
          {...pageFilterMark} aria-label={`${kinds[kind]} to go to`} aria-invalid={problem !== null} aria-describedby={problem ? id : undefined} className="w-44"
          placeholder={kind === 'key' ? 'Exact key' : `${kinds[kind]} number`} inputMode={kind === 'key' ? 'text' : 'numeric'} value={text} autoComplete="off" spellCheck={false} required
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" busy={busy}>Go</Button>
      </div>
      <p id={id} role="alert" className="text-xs text-danger empty:hidden">{problem}</p>
    </form>
  )
}

/** The number of the record, or a sentence why there is none. */
async function find({ loadId, entity, attempt }: Sheet, kind: Kind, text: string, records: number): Promise<number | string> {
  const number = Number(text.replaceAll(',', '').trim())
  if (kind !== 'key' && !(Number.isInteger(number) && number > 0)) return `Give a ${kind} number.`
  if (kind === 'record') return number <= records ? number : `The file has ${records.toLocaleString('en-US')} records.`
  const answer = await fetch(`/api/v1/staging/${loadId}/${entity}/find`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ attempt, ...(kind === 'key' ? { key: text } : { line: number }) }),
  }).catch(() => null)
  const body = await answer?.json().catch(() => null)
  if (!answer?.ok) return body?.error?.message ?? 'The server did not answer. Try again.'
  return body.record ?? (kind === 'key' ? 'No record has exactly this key. Letter case and blanks count.' : 'The file has no record on this line.')
}

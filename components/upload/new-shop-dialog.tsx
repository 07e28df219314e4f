'use client'

import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogHeader, DialogTitle } from '#components/ui/dialog.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input, controlClasses } from '#components/ui/input.tsx'
import { idProblem } from '#lib/upload/ids.ts'
import { Refusal, ask } from './api.ts'
import type { Shop } from './types.ts'

type Partner = { id: string; slug: string; name: string }
type Values = { partnerId: string; partnerSlug: string; partnerName: string; slug: string; name: string; timeZone: string }
type FieldErrors = Partial<Record<keyof Values, string>>

const NEW_PARTNER = 'new'
const US_ZONES = [
  ['America/New_York', 'Eastern'], ['America/Chicago', 'Central'], ['America/Denver', 'Mountain'], ['America/Phoenix', 'Arizona'],
  ['America/Los_Angeles', 'Pacific'], ['America/Anchorage', 'Alaska'], ['Pacific/Honolulu', 'Hawaii'],
] as const

/** Adds a shop, and its partner when that is new too. */
export function NewShopDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (shop: Shop) => void }) {
  const partners = useQuery({ queryKey: ['partners'], queryFn: () => ask<{ partners: Partner[]; mayAdd: boolean }>('/api/v1/partners') })
  const { partners: known, mayAdd } = partners.data ?? { partners: [], mayAdd: false }
  const [typed, setValues] = useState<Values>({ partnerId: '', partnerSlug: '', partnerName: '', slug: '', name: '', timeZone: 'America/New_York' })
  const [told, setErrors] = useState<FieldErrors>({})
  const [refusal, setRefusal] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  // Whoever sees one partner alone has nothing to choose.
  const values = !mayAdd && known.length === 1 ? { ...typed, partnerId: known[0]!.id } : typed
  const isNewPartner = values.partnerId === NEW_PARTNER || (mayAdd && known.length === 0)
  // What was told goes as soon as it is mended; what is wrong besides waits for the next press.
  const wrongNow = problems(values, isNewPartner)
  const errors: FieldErrors = Object.fromEntries(Object.keys(told).map((field) => [field, wrongNow[field as keyof Values]]))
  const set = (field: keyof Values) => (event: { target: { value: string } }) => setValues((before) => ({ ...before, [field]: event.target.value }))

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    event.stopPropagation()
    const form = event.currentTarget
    setErrors(wrongNow)
    setRefusal(null)
    if (Object.keys(wrongNow).length > 0) {
      requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return
    }
    setBusy(true)
    try {
      const partnerId = isNewPartner ? (await addPartner(values)).id : values.partnerId
      // A shop that is refused must not make its partner a second time.
      setValues((before) => ({ ...before, partnerId }))
      if (isNewPartner) await partners.refetch()
      onCreated(await ask<Shop>('/api/v1/shops', { partnerId, slug: values.slug, name: values.name, timeZone: values.timeZone }))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      setRefusal(error.message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>New shop</DialogTitle>
          <DialogDescription>The ids are those of the partner’s folders, byte for byte, and cannot be changed later.</DialogDescription>
        </DialogHeader>
        <form onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
          {refusal ? <Alert tone="danger" live>{refusal}</Alert> : null}
          {known.length > 0 ? (
            <Field label="Partner" hint="Who delivers the data." error={errors.partnerId}>
              {(control) => (
                <select {...control} value={values.partnerId} onChange={set('partnerId')} className={controlClasses}>
                  <option value="" disabled>Choose a partner</option>
                  {known.map(({ id, slug, name }) => <option key={id} value={id}>{name} ({slug})</option>)}
                  {mayAdd ? <option value={NEW_PARTNER}>New partner…</option> : null}
                </select>
              )}
            </Field>
          ) : null}
          {isNewPartner ? (
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="Partner id" error={errors.partnerSlug}>
                {(control) => <Input {...control} value={values.partnerSlug} onChange={set('partnerSlug')} autoComplete="off" spellCheck={false} className="font-mono" />}
              </Field>
              <Field label="Partner name" error={errors.partnerName}>
                {(control) => <Input {...control} value={values.partnerName} onChange={set('partnerName')} autoComplete="off" />}
              </Field>
            </div>
          ) : null}
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Shop id" error={errors.slug}>
              {(control) => <Input {...control} value={values.slug} onChange={set('slug')} autoComplete="off" spellCheck={false} className="font-mono" />}
            </Field>
            <Field label="Shop name" error={errors.name}>
              {(control) => <Input {...control} value={values.name} onChange={set('name')} autoComplete="off" />}
            </Field>
          </div>
          <Field label="Time zone" hint="Dates in the files without an offset are local time of the shop.">
            {(control) => (
              <select {...control} value={values.timeZone} onChange={set('timeZone')} className={controlClasses}>
                <optgroup label="United States">
                  {US_ZONES.map(([zone, word]) => <option key={zone} value={zone}>{word} ({zone})</option>)}
                </optgroup>
                <optgroup label="All">
                  {Intl.supportedValuesOf('timeZone').filter((zone) => !US_ZONES.some(([us]) => us === zone)).map((zone) => <option key={zone}>{zone}</option>)}
                </optgroup>
              </select>
            )}
          </Field>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" busy={busy}>Add shop</Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  )
}

const addPartner = ({ partnerSlug, partnerName }: Values) => ask<Partner>('/api/v1/partners', { slug: partnerSlug, name: partnerName })

function problems(values: Values, isNewPartner: boolean): FieldErrors {
  const wrong: FieldErrors = {}
  if (isNewPartner) {
    wrong.partnerSlug = idProblem(values.partnerSlug, 64) ?? undefined
    if (!values.partnerName.trim()) wrong.partnerName = 'Give it a name.'
  } else if (!values.partnerId) {
    wrong.partnerId = 'Choose the partner.'
  }
  wrong.slug = idProblem(values.slug, 64) ?? undefined
  if (!values.name.trim()) wrong.name = 'Give it a name.'
  return Object.fromEntries(Object.entries(wrong).filter(([, sentence]) => sentence))
}

'use client'

import { useQuery } from '@tanstack/react-query'
import { Plus, Search } from 'lucide-react'
import Link from 'next/link'
import { useId, useLayoutEffect, useState, type FormEvent } from 'react'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Spinner } from '#components/ui/spinner.tsx'
import { useTypedEarly } from '#components/ui/use-typed-early.ts'
import { ID_RULE, idProblem } from '#lib/upload/ids.ts'
import { ask } from './api.ts'
import { ErrorSummary, type SummaryError } from './error-summary.tsx'
import { NewShopDialog } from './new-shop-dialog.tsx'
import { StepHeading } from './step-heading.tsx'
import type { FoundShops, LoadIdUse, Shop } from './types.ts'
import { useLater } from './use-later.ts'

type Props = {
  recent: readonly Shop[]
  /** What the search finds before anything is typed. */
  found: FoundShops
  shop: Shop | null
  loadId: string
  /** Nobody typed this load id: typing takes its place. */
  isProposal: boolean
  use: LoadIdUse
  mayCreate: boolean
  onShop: (shop: Shop) => void
  onLoadId: (loadId: string) => void
  onDone: () => void
}

/** Step 1: for which shop, and under which load id. */
export function ShopStep({ recent, found, shop, loadId, isProposal, use, mayCreate, onShop, onLoadId, onDone }: Props) {
  const [{ errors, attempt }, setTried] = useState<{ errors: SummaryError[]; attempt: number }>({ errors: [], attempt: 0 })
  const control = useTypedEarly(loadId, onLoadId)
  // A proposal may arrive while the person is about to type; its end is no place for what they type.
  useLayoutEffect(() => {
    const input = control.current
    if (isProposal && loadId !== '' && input?.value === loadId && document.activeElement === input) input.select()
  }, [isProposal, loadId, control])
  // Once shown, an error goes as soon as it is mended.
  const standing = problems(shop, loadId, use)
  const shown = errors.filter((error) => standing.some(({ target }) => target === error.target))
  const loadIdError = shown.find(({ target }) => target === 'load-id')?.message
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried({ errors: standing, attempt: attempt + 1 })
    if (standing.length === 0) onDone()
  }
  return (
    <form onSubmit={submit} noValidate className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <StepHeading step={0}>Whose books are these?</StepHeading>
      <ErrorSummary errors={shown} attempt={attempt} />
      <ShopChoice recent={recent} found={found} shop={shop} mayCreate={mayCreate} onShop={onShop} />
      <div className="grid items-center gap-x-6 gap-y-5 lg:grid-cols-2">
        <Field
          id="load-id"
          label="Load id"
          hint="Names this delivery for this shop, and is the load_id in its manifest. Ids are text: 0007 is not 7."
          error={loadIdError}
          className="max-w-md"
        >
          {(described) => (
            <Input {...described} ref={control} value={loadId} onChange={(event) => onLoadId(event.target.value)} autoComplete="off" spellCheck={false} className="font-mono" />
          )}
        </Field>
        <div className="lg:row-start-2"><Button type="submit" variant="primary">Continue to files</Button></div>
        {/* Behind the button, so that what is found out about the id does not move it away from under a press. */}
        <LoadIdNote use={use} />
      </div>
    </form>
  )
}

function problems(shop: Shop | null, loadId: string, use: LoadIdUse): SummaryError[] {
  const found: SummaryError[] = []
  if (!shop) found.push({ message: 'Choose the shop that receives the books.', target: 'shop-search' })
  const wrong = idProblem(loadId, 100)
  if (wrong) found.push({ message: `This load id cannot be used. ${wrong} ${ID_RULE}`, target: 'load-id' })
  if (use.state === 'taken' && isRunning(use.status)) found.push({ message: `A load with this id is ${use.status}. Wait for its end, or use another load id.`, target: 'load-id' })
  return found
}

const isRunning = (status: string) => status === 'queued' || status === 'running'

/** What a load id that is in use means for this upload. */
function LoadIdNote({ use }: { use: LoadIdUse }) {
  if (use.state !== 'taken') {
    const text = { unknown: '', checking: 'Looking whether this load id is in use…', free: 'This load id is free.', failed: 'Whether this load id is in use could not be checked. It is checked again when you send.' }[use.state]
    return <p role="status" className="min-h-5 text-xs text-muted-foreground lg:mb-1.5 lg:self-end">{text}</p>
  }
  const open = <Link href={`/loads/${use.id}`} className="text-link underline underline-offset-2">Open the load</Link>
  if (isRunning(use.status)) return <Alert tone="warning" live title={`A load with this id is ${use.status}`}>Wait for its end before you send files for it again. {open}</Alert>
  if (use.status.startsWith('completed')) {
    return <Alert tone="warning" live title="This load id was loaded before">The same files are recognised and can be run again; other files need a load id of their own. {open}</Alert>
  }
  if (use.dryRun) return <Alert live title="This load was tried out in a dry run">The files of the dry run can be loaded from its page. What you send now is a new delivery. {open}</Alert>
  if (use.status === 'uploading' || use.status === 'draft') {
    return <Alert live title="An upload under this load id is not finished">With the same files it goes on where it stopped.</Alert>
  }
  return <Alert live title="The load with this id did not complete">Nothing of it was written. What you send now is a new delivery of it. {open}</Alert>
}

type ChoiceProps = Pick<Props, 'recent' | 'found' | 'shop' | 'mayCreate' | 'onShop'>

function ShopChoice({ recent, found: atFirst, shop, mayCreate, onShop }: ChoiceProps) {
  const hint = useId()
  const [typed, setTyped] = useState('')
  const [creating, setCreating] = useState(false)
  const finder = useTypedEarly(typed, setTyped)
  const prefix = useLater(typed.trim(), 200)
  // Of this visit: another one begins with what its page brings along.
  const visit = useId()
  const search = useQuery({
    queryKey: ['shop search', visit, prefix],
    queryFn: () => ask<FoundShops>('/api/v1/shops/search', { prefix }),
    // A list that arrives late moves the button below it away from under a press.
    initialData: prefix === '' ? atFirst : undefined,
    placeholderData: (before) => before,
  })
  const found = search.data?.shops ?? []
  const offered = prefix === '' && recent.length > 0 ? [...recent, ...found.filter((s) => !recent.some((r) => r.id === s.id))].slice(0, 10) : found
  const listed = shop && !offered.some((s) => s.id === shop.id) ? [shop, ...offered] : offered
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-13 font-medium">Shop</legend>
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative w-full max-w-md">
          <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted-foreground" />
          <Input
            ref={finder} {...pageFilterMark} id="shop-search" type="search" aria-label="Find a shop" aria-describedby={hint} placeholder="Beginning of its name or id" className="pl-8"
            value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off"
          />
        </div>
        {search.isFetching ? <Spinner className="text-muted-foreground" /> : null}
        {mayCreate ? <Button onClick={() => setCreating(true)}><Plus aria-hidden />New shop</Button> : null}
      </div>
      <p id={hint} role="status" className="text-xs text-muted-foreground">{answerOf(search, prefix, recent.length)}</p>
      {search.isError ? <Alert tone="danger" live title="The shops could not be read" action={<Button size="sm" onClick={() => void search.refetch()}>Try again</Button>}>{search.error.message}</Alert> : null}
      {listed.length > 0 ? (
        <ul className="grid max-w-2xl gap-px overflow-hidden rounded-lg border bg-border">
          {listed.map((each) => <ShopOption key={each.id} shop={each} chosen={each.id === shop?.id} onChoose={() => onShop(each)} />)}
        </ul>
      ) : null}
      {creating ? (
        <NewShopDialog
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false)
            setTyped('')
            onShop(made)
            void search.refetch()
          }}
        />
      ) : null}
    </fieldset>
  )
}

type Answer = { data?: FoundShops; isError: boolean }

function answerOf({ data, isError }: Answer, prefix: string, recent: number): string {
  if (isError || !data) return ' '
  if (data.total === 0) return prefix === '' ? 'There are no shops yet.' : 'No shop’s name or id begins like this.'
  if (data.total > data.shops.length) return `${data.shops.length} of ${data.total.toLocaleString('en-US')} shops. Type more of the name to see the others.`
  return prefix === '' && recent > 0 ? 'The shops you sent loads for last come first.' : `${data.total} ${data.total === 1 ? 'shop' : 'shops'}.`
}

function ShopOption({ shop, chosen, onChoose }: { shop: Shop; chosen: boolean; onChoose: () => void }) {
  return (
    <li>
      <label
        htmlFor={`shop-${shop.id}`}
        className={cn(
          'grid min-h-11 cursor-pointer grid-cols-[1rem_minmax(0,1fr)] items-center gap-x-3 bg-card px-3 py-2 text-13 hover:bg-surface has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-ring',
          chosen && 'bg-info-subtle hover:bg-info-subtle',
        )}
      >
        <input id={`shop-${shop.id}`} type="radio" name="shop" checked={chosen} onChange={onChoose} className="row-span-2 size-4 accent-(--info) outline-none" />
        <span className="truncate font-medium">{shop.name}</span>
        <span className="truncate text-xs text-muted-foreground">
          {shop.partner.name} · <span className="font-mono">{shop.partner.slug}/{shop.slug}</span> · {shop.timeZone}
        </span>
      </label>
    </li>
  )
}

'use client'

import { FlaskConical, TriangleAlert } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { bytes as formatBytes } from '#components/loads/words.ts'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Label } from '#components/ui/label.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableFooter, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { ErrorSummary, type SummaryError } from './error-summary.tsx'
import { blocking, warnings } from './issues.ts'
import { StepHeading } from './step-heading.tsx'
import type { LoadIdUse, Shop } from './types.ts'
import type { ChosenFiles } from './use-chosen-files.ts'

type Props = { shop: Shop; loadId: string; use: LoadIdUse; chosen: ChosenFiles; onBack: () => void; onDone: (dryRun: boolean) => void }

const ACCEPT = 'accept-warnings'

/** Step 3: what will be sent and what will come of it. Errors block, warnings need a yes. */
export function ReviewStep({ shop, loadId, use, chosen, onBack, onDone }: Props) {
  const [accepted, setAccepted] = useState(false)
  const [{ errors, attempt }, setTried] = useState<{ errors: SummaryError[]; attempt: number }>({ errors: [], attempt: 0 })
  const remarks = warnings(chosen)
  const send = (dryRun: boolean) => {
    const unaccepted = remarks.length > 0 && !accepted ? [{ message: 'Read the warnings and confirm them.', target: ACCEPT }] : []
    const found = [...blocking(chosen), ...unaccepted]
    setTried({ errors: found, attempt: attempt + 1 })
    if (found.length === 0) onDone(dryRun)
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <StepHeading step={2}>Is this right?</StepHeading>
      <ErrorSummary errors={accepted ? errors.filter(({ target }) => target !== ACCEPT) : errors} attempt={attempt} />
      <Card>
        <CardHeader><CardTitle as="h3">What will happen</CardTitle></CardHeader>
        <CardContent>
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-13">
            <Fact name="Shop">{shop.name} <span className="font-mono text-xs text-muted-foreground">{shop.slug}</span></Fact>
            <Fact name="Partner">{shop.partner.name} <span className="font-mono text-xs text-muted-foreground">{shop.partner.slug}</span></Fact>
            <Fact name="Load id"><span className="font-mono">{loadId}</span></Fact>
            <Fact name="Manifest">{chosen.makeSince ? 'Created here from the files' : 'As chosen; every file matches it'}</Fact>
            <Fact name="Then">{consequence(use)}</Fact>
          </dl>
        </CardContent>
      </Card>
      <FileList chosen={chosen} />
      {remarks.length > 0 ? (
        <div className="grid gap-2 rounded-lg border border-warning-border bg-warning-subtle px-3 py-2.5 text-13">
          <h3 className="flex items-center gap-2 font-medium text-warning"><TriangleAlert aria-hidden className="size-4" />{remarks.length === 1 ? '1 warning' : `${remarks.length} warnings`}</h3>
          <ul className="grid gap-1">
            {remarks.map(({ name, message }) => <li key={name + message}><span className="font-mono">{name}</span>: {message}</li>)}
          </ul>
          <div className="flex items-center gap-1.5">
            <Checkbox id={ACCEPT} checked={accepted} onCheckedChange={(checked) => setAccepted(checked === true)} />
            <Label htmlFor={ACCEPT}>I have read {remarks.length === 1 ? 'this warning' : 'these warnings'} and want to send the files as they are</Label>
          </div>
        </div>
      ) : <Alert tone="success" title="Nothing stands out">The files are readable and their headers fit{chosen.makeSince ? '. There was no manifest to compare them with.' : ', and rows and sha256 agree with the manifest.'}</Alert>}
      <div className="flex flex-wrap gap-2">
        <Button onClick={onBack}>Back</Button>
        {inProduction(use) ? null : <Button onClick={() => send(true)} busy={chosen.reading} aria-describedby="dry-run-hint"><FlaskConical aria-hidden />Dry run first</Button>}
        <Button variant="primary" onClick={() => send(false)} busy={chosen.reading}>Send the files</Button>
      </div>
      {inProduction(use) ? null : (
        <p id="dry-run-hint" className="-mt-2 max-w-2xl text-xs text-muted-foreground">
          A dry run sends the files, does everything that the load would do, and takes it back: you see its reconciliation and its
          exceptions, and nothing is written. After that the load can be started for real without sending the files again.
        </p>
      )}
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <><dt className="text-muted-foreground">{name}</dt><dd className="min-w-0 break-words">{children}</dd></>
}

const RUNS = 'The load starts by itself when the last file has arrived. Every row is checked before anything is written.'

const inProduction = (use: LoadIdUse) => use.state === 'taken' && use.status.startsWith('completed')

function consequence(use: LoadIdUse): string {
  if (use.state !== 'taken') return RUNS
  if (use.dryRun) return `This is a new delivery of a load that was tried out in a dry run. ${RUNS}`
  if (use.status === 'uploading' || use.status === 'draft') return `The unfinished upload goes on; files that have arrived are not sent again. ${RUNS}`
  if (inProduction(use)) return 'This load id was loaded before. The same files are recognised and nothing is sent; other files are refused.'
  return `This is a new delivery of a load that did not complete. ${RUNS}`
}

function FileList({ chosen }: { chosen: ChosenFiles }) {
  const sent = chosen.lines.map((line) => ({ line, file: chosen.files.find(({ name }) => name === line.files[0]?.name) ?? null }))
  const rows = sent.reduce((sum, { file }) => sum + (file?.inspected?.records ?? 0), 0)
  const bytes = sent.reduce((sum, { file }) => sum + (file?.file.size ?? 0), 0)
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <TableRegion label="Files to be sent">
        <Table>
          <TableCaption>Files to be sent</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead>File</TableHead>
              <TableHead className="text-right">Rows</TableHead>
              <TableHead className="text-right">Columns</TableHead>
              <TableHead className="text-right">Size</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {sent.map(({ line, file }) => (
              <TableRow key={line.entity.name}>
                <TableHead scope="row" className="font-mono font-normal">{line.sendAs}</TableHead>
                <TableCell className="text-right tabular-nums">{file?.inspected ? formatNumber(file.inspected.records) : '—'}</TableCell>
                <TableCell className="text-right tabular-nums">{file?.inspected?.columns ? formatNumber(file.inspected.columns) : '—'}</TableCell>
                <TableCell className="text-right whitespace-nowrap tabular-nums">{file ? formatBytes(file.file.size) : '—'}</TableCell>
              </TableRow>
            ))}
          </TableBody>
          <TableFooter>
            <TableRow>
              <TableHead scope="row">Total</TableHead>
              <TableCell className="text-right tabular-nums">{formatNumber(rows)}</TableCell>
              <TableCell />
              <TableCell className="text-right whitespace-nowrap tabular-nums">{formatBytes(bytes)}</TableCell>
            </TableRow>
          </TableFooter>
        </Table>
      </TableRegion>
    </div>
  )
}

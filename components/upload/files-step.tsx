'use client'

import { FilePlus, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { cn } from '#components/ui/cn.ts'
import { Button } from '#components/ui/button.tsx'
import { Table, TableBody, TableCaption, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { CorrectedRows } from './corrected-rows.tsx'
import { DropZone, useFilesDropped } from './drop-zone.tsx'
import { ErrorSummary, type SummaryError } from './error-summary.tsx'
import { FileRow, ManifestRow, wideOnly } from './file-rows.tsx'
import { blocking } from './issues.ts'
import { StepHeading } from './step-heading.tsx'
import type { Corrected } from './types.ts'
import type { ChosenFiles } from './use-chosen-files.ts'

type Props = { chosen: ChosenFiles; corrected: Corrected | null; loadId: string; /** Absent where the load id is settled. */ onUseLoadId: ((loadId: string) => void) | null; onBack: () => void; onDone: () => void }

/** Step 2: the files, each read here and compared with the manifest. */
export function FilesStep({ chosen, corrected, loadId, onUseLoadId, onBack, onDone }: Props) {
  const [{ errors, attempt }, setTried] = useState<{ errors: SummaryError[]; attempt: number }>({ errors: [], attempt: 0 })
  const dropped = useFilesDropped(chosen.add)
  const reading = chosen.reading || dropped.isProcessing
  const issues = blocking(chosen)
  const goOn = () => {
    setTried({ errors: issues, attempt: attempt + 1 })
    if (issues.length === 0) onDone()
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <StepHeading step={1}>Which files?</StepHeading>
      {/* Once shown, the list follows what is mended. */}
      <ErrorSummary errors={errors.filter((error) => issues.some(({ message }) => message === error.message))} attempt={attempt} />
      {corrected ? <CorrectedRows corrected={corrected} chosen={chosen} /> : null}
      <DropZone small={chosen.files.length > 0} dropped={dropped} />
      <Ignored names={chosen.ignored} />
      <div className="@container overflow-hidden rounded-lg border bg-card">
        <TableRegion label="Chosen files">
          <Table>
            <TableCaption>Chosen files, compared with the manifest</TableCaption>
            <TableHeader>
              <TableRow>
                <TableHead>File</TableHead>
                <TableHead className={cn(wideOnly, 'text-right')}>Size</TableHead>
                <TableHead className={cn(wideOnly, 'text-right')}>Rows <span className="font-normal">/ manifest</span></TableHead>
                <TableHead className={wideOnly}>sha256 <span className="font-normal">/ manifest</span></TableHead>
                <TableHead className="sm:w-52">State</TableHead>
              </TableRow>
            </TableHeader>
            <TableBody>
              {chosen.lines.map((line) => <FileRow key={line.entity.name} line={line} chosen={chosen} />)}
              <ManifestRow chosen={chosen} loadId={loadId} onUseLoadId={onUseLoadId} />
            </TableBody>
          </Table>
        </TableRegion>
      </div>
      <MakeManifest chosen={chosen} />
      <p role="status" className="sr-only">{announcement(chosen)}</p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button variant="primary" onClick={goOn} busy={reading}>{reading ? 'Reading the files' : 'Continue to review'}</Button>
      </div>
    </div>
  )
}

function Ignored({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null
  const shown = names.slice(0, 8)
  return (
    <Alert title={names.length === 1 ? '1 file was ignored' : `${names.length} files were ignored`}>
      Not part of a load: {shown.join(', ')}{names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}.
    </Alert>
  )
}

/** The way out where the partner sent no manifest, or a wrong one. */
function MakeManifest({ chosen }: { chosen: ChosenFiles }) {
  if (chosen.files.length === 0) return null
  if (chosen.makeSince) {
    return (
      <Alert title="The manifest is created from these files">
        <p>It holds what your browser counted and hashed just now. Integrity is checked from here on; what happened to the files before cannot be seen.</p>
        <Button size="sm" className="mt-2" onClick={() => chosen.makeManifest(false)}><Undo2 aria-hidden />{chosen.manifest ? 'Use the chosen manifest' : 'Do not create one'}</Button>
      </Alert>
    )
  }
  const faulty = chosen.manifest?.inspected?.problems.some(({ code }) => code !== 'load_id_differs')
  const needed = !chosen.manifest || faulty || chosen.lines.some((line) => line.rowsAgree === false || line.sha256Agree === false)
  if (!needed) return null
  return (
    <Alert title={chosen.manifest ? 'Is the manifest wrong, and the files right?' : 'No manifest?'}>
      <p>A manifest created here holds what your browser counts and hashes. Integrity then starts here: it cannot show what was lost or changed before.</p>
      <Button size="sm" className="mt-2" onClick={() => chosen.makeManifest(true)}><FilePlus aria-hidden />Create manifest from these files</Button>
    </Alert>
  )
}

function announcement({ files, lines, reading, makeSince }: ChosenFiles): string {
  if (files.length === 0) return ''
  if (reading) return 'Reading the files.'
  const good = lines.filter((line) => line.verified).length
  const wrong = lines.filter((line) => line.problems.length > 0).length
  return `${good} of ${lines.length} files ${makeSince ? 'are read' : 'match the manifest'}${wrong > 0 ? `, ${wrong} have problems` : ''}.`
}

'use client'

import { CircleAlert, CircleCheck, CircleDashed, FilePlus, TriangleAlert, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { bytes as formatBytes } from '#components/loads/words.ts'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import { formatNumber } from '#components/ui/num.tsx'
import { Spinner } from '#components/ui/spinner.tsx'
import { TableCell, TableHead, TableRow } from '#components/ui/table.tsx'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import type { Line } from '#lib/upload/compare.ts'
import { shortSha } from './format.ts'
import { manifestProblems, rowId } from './issues.ts'
import type { ChosenFile, ChosenFiles } from './use-chosen-files.ts'

const COLUMNS = 5
/** A phone has room for the name and the state, which says whether the file agrees with the manifest. */
export const wideOnly = 'max-sm:hidden'

/** One entity's file beside its line of the manifest, and below it what is wrong. */
export function FileRow({ line, chosen }: { line: Line; chosen: ChosenFiles }) {
  const files = line.files.map(({ name }) => chosen.files.find((file) => file.name === name)!)
  const file = files.length === 1 ? files[0]! : null
  const notes = [...line.problems.map((message) => ({ message, wrong: true })), ...line.warnings.map((message) => ({ message, wrong: false }))]
  return (
    <>
      <TableRow id={rowId(line.entity.name)} tabIndex={-1} className={cn(notes.length > 0 && '[&>*]:border-b-0')}>
        <TableHead scope="row" className="font-mono font-normal">
          {files.length === 0 ? <span className="text-muted-foreground">{line.sendAs}</span> : files.map((each) => <FileName key={each.name} file={each} onRemove={() => chosen.remove(each.name)} />)}
        </TableHead>
        <TableCell className={cn(wideOnly, 'text-right whitespace-nowrap tabular-nums')}>{file ? formatBytes(file.file.size) : '—'}</TableCell>
        <Pair
          found={file?.inspected ? formatNumber(file.inspected.records) : null}
          listed={line.listed?.rows == null ? null : formatNumber(line.listed.rows)}
          agree={line.rowsAgree}
          numeric
          className={wideOnly}
        />
        <Pair
          found={file?.inspected ? shortSha(file.inspected.sha256) : null}
          listed={line.listed?.sha256 ? shortSha(line.listed.sha256) : null}
          agree={line.sha256Agree}
          className={wideOnly}
        />
        <TableCell><FileStateWords line={line} files={files} made={chosen.makeSince !== null} /></TableCell>
      </TableRow>
      {notes.length > 0 ? (
        <Notes notes={notes}>
          {line.mayAddEmpty ? <Button size="sm" onClick={() => chosen.addEmpty(line.listed?.name ?? line.entity.file)}><FilePlus aria-hidden />Add an empty {line.listed?.name ?? line.entity.file}</Button> : null}
        </Notes>
      ) : null}
    </>
  )
}

/** The manifest's own row. */
export function ManifestRow({ chosen, loadId, onUseLoadId }: { chosen: ChosenFiles; loadId: string; onUseLoadId: ((loadId: string) => void) | null }) {
  const { manifest, makeSince } = chosen
  const problems = manifestProblems(chosen)
  const named = manifest?.inspected?.loadId
  const otherLoadId = !makeSince && named && named !== loadId ? named : null
  const reading = manifest?.reading === 'reading'
  return (
    <>
      <TableRow id={rowId(MANIFEST_NAME)} tabIndex={-1} className={cn(problems.length > 0 && !reading && '[&>*]:border-b-0')}>
        <TableHead scope="row" className="font-mono font-normal">
          {makeSince ? MANIFEST_NAME : manifest ? <FileName file={manifest} onRemove={() => chosen.remove(MANIFEST_NAME)} /> : <span className="text-muted-foreground">{MANIFEST_NAME}</span>}
        </TableHead>
        <TableCell className={cn(wideOnly, 'text-right whitespace-nowrap tabular-nums')}>{!makeSince && manifest ? formatBytes(manifest.file.size) : '—'}</TableCell>
        <TableCell className={cn(wideOnly, 'text-right text-muted-foreground')}>—</TableCell>
        <TableCell className={cn(wideOnly, 'text-muted-foreground')}>—</TableCell>
        <TableCell>
          {makeSince ? <State icon={<FilePlus className="text-info" />}>Created from these files</State>
            : reading ? <State icon={<Spinner />}>Reading</State>
            : problems.length > 0 ? <State icon={<CircleAlert className="text-danger" />}>{manifest ? 'Problem' : 'Missing'}</State>
            : <State icon={<CircleCheck className="text-success" />}>Readable</State>}
        </TableCell>
      </TableRow>
      {problems.length > 0 && !reading ? (
        <Notes notes={problems.map((message) => ({ message, wrong: true }))}>
          {otherLoadId && onUseLoadId ? <Button size="sm" onClick={() => onUseLoadId(otherLoadId)}>Use load id “{otherLoadId}”</Button> : null}
        </Notes>
      ) : null}
    </>
  )
}

type Removable = { name: string; path: string; reading: ChosenFile['reading']; readBytes: number; file: Blob }

function FileName({ file, onRemove }: { file: Removable; onRemove: () => void }) {
  const renamed = file.path.split('/').at(-1) !== file.name
  return (
    <span className="flex flex-wrap items-center gap-x-1">
      <span title={file.path}>{file.name}</span>
      {renamed ? <span className="font-sans text-xs text-muted-foreground">(yours: {file.path.split('/').at(-1)})</span> : null}
      <Button variant="ghost" size="icon-sm" className="size-6 text-muted-foreground" aria-label={`Remove ${file.name}`} onClick={onRemove}><X aria-hidden className="size-3.5" /></Button>
    </span>
  )
}

/** A value of the file over the manifest's, marked where they differ. */
function Pair({ found, listed, agree, numeric = false, className }: { found: string | null; listed: string | null; agree: boolean | null; numeric?: boolean; className?: string }) {
  return (
    <TableCell className={cn(numeric ? 'text-right tabular-nums' : 'font-mono text-xs', agree === false && 'text-danger', className)}>
      {found ?? '—'}
      <span className={cn('block text-xs', agree === false ? 'font-medium' : 'text-muted-foreground')}>
        {agree === false ? <>≠ <span className="sr-only">differs from the manifest: </span></> : <span className="sr-only">manifest: </span>}
        {listed ?? '—'}
      </span>
    </TableCell>
  )
}

function FileStateWords({ line, files, made }: { line: Line; files: readonly ChosenFile[]; made: boolean }) {
  const [file] = files
  if (!file) return <State icon={<CircleDashed className="text-danger" />}>Missing</State>
  if (files.length > 1) return <State icon={<CircleAlert className="text-danger" />}>Two names</State>
  if (file.reading === 'reading') {
    const percent = file.file.size === 0 ? 100 : Math.floor((file.readBytes / file.file.size) * 100)
    return <State icon={<Spinner />}>Reading {percent} %</State>
  }
  if (file.reading !== 'read') return <State icon={<CircleAlert className="text-danger" />}>Not readable</State>
  if (line.problems.length > 0) return <State icon={<CircleAlert className="text-danger" />}>{line.sha256Agree === false || line.rowsAgree === false ? 'Differs' : 'Problem'}</State>
  if (line.warnings.length > 0 && line.verified) return <State icon={<TriangleAlert className="text-warning" />}>{made ? 'Read, with a warning' : 'Matches, with a warning'}</State>
  if (line.verified) return <State icon={<CircleCheck className="text-success" />}>{made ? 'Read' : 'Matches the manifest'}</State>
  return <State icon={<CircleDashed className="text-muted-foreground" />}>Read, no manifest yet</State>
}

function State({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return <span className="flex items-center gap-1.5 sm:whitespace-nowrap [&_svg]:size-4 [&_svg]:shrink-0">{icon}{children}</span>
}

function Notes({ notes, children }: { notes: readonly { message: string; wrong: boolean }[]; children?: ReactNode }) {
  return (
    <TableRow>
      <TableCell colSpan={COLUMNS} className="pt-0 pb-2.5">
        {/* Stays in sight while a narrow screen scrolls the table. */}
        <div className="sticky left-3 w-[calc(100cqw-1.5rem)] max-w-3xl">
          <ul className="grid gap-1">
            {notes.map(({ message, wrong }) => (
              <li key={message} className={cn('flex items-start gap-1.5', wrong ? 'text-danger' : 'text-warning')}>
                {wrong ? <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" /> : <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />}
                <span className="min-w-0 wrap-anywhere whitespace-normal">{message}</span>
              </li>
            ))}
          </ul>
          {children ? <div className="mt-2">{children}</div> : null}
        </div>
      </TableCell>
    </TableRow>
  )
}

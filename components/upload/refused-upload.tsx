'use client'

import Link from 'next/link'
import { bytes as formatBytes } from '#components/loads/words.ts'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { AnnouncedFile, FileDiff } from '#lib/upload/delivery.ts'
import { shortSha } from './format.ts'
import type { Attempt } from './use-sending.ts'

type Props = { refusal: Extract<Attempt, { state: 'refused' }>; onReplace: () => void; onAgain: () => void; onBack: (step: number) => void }

/** Why the server did not want the files, and the ways out. */
export function RefusedUpload({ refusal: { code, message, details }, onReplace, onAgain, onBack }: Props) {
  const openLoad = details?.id ? <Button asChild><Link href={`/loads/${details.id}`}>Open the load</Link></Button> : null
  const mayReplace = details?.mayReplace === true
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Alert tone={mayReplace || code === 'load_running' ? 'warning' : 'danger'} live title={titles[code] ?? 'The server refused the upload'}>{code === 'not_signed_in' ? 'The files that you have chosen are kept on this page. Sign in in another tab, come back, and send them again.' : message}</Alert>
      {details?.diff ? <Diff lines={details.diff} known={mayReplace ? 'Unfinished upload' : 'Loaded before'} /> : null}
      <div className="flex flex-wrap gap-2">
        {code === 'not_signed_in' ? (
          <>
            <Button asChild variant="primary"><a href="/login" target="_blank">Sign in, in a new tab</a></Button>
            <Button onClick={onAgain}>Send again</Button>
          </>
        ) : null}
        {mayReplace ? <Button variant="primary" onClick={onReplace}>Replace the unfinished upload</Button> : null}
        {code === 'load_id_reused' || mayReplace ? <Button onClick={() => onBack(0)}>Use another load id</Button> : null}
        {code === 'load_id_reused' || mayReplace ? <Button onClick={() => onBack(1)}>Choose other files</Button> : <Button onClick={() => onBack(2)}>Back to review</Button>}
        {openLoad}
      </div>
    </div>
  )
}

const titles: Record<string, string> = {
  load_id_reused: 'This load id belongs to other files',
  load_running: 'This load is already under way',
  conflict: 'An upload of other files is not finished',
  not_allowed: 'You may not start loads',
  not_signed_in: 'You are signed out',
  unreachable: 'No connection',
}

function Diff({ lines, known }: { lines: readonly FileDiff[]; known: string }) {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <TableRegion label="Differences between the files">
        <Table>
          <TableCaption>Differences between the files</TableCaption>
          <TableHeader>
            <TableRow><TableHead>File</TableHead><TableHead>{known}</TableHead><TableHead>Chosen now</TableHead><TableHead>Bytes</TableHead></TableRow>
          </TableHeader>
          <TableBody>
            {lines.map((line) => (
              <TableRow key={line.name}>
                <TableHead scope="row" className="font-mono font-normal">{line.name}</TableHead>
                <TableCell><Version file={line.known} /></TableCell>
                <TableCell><Version file={line.offered} /></TableCell>
                <TableCell className={line.same ? 'text-muted-foreground' : 'font-medium text-danger'}>{line.same ? 'The same' : 'Different'}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableRegion>
    </div>
  )
}

function Version({ file }: { file: AnnouncedFile | null }) {
  if (!file) return <span className="text-muted-foreground">Not part of it</span>
  return <><span className="tabular-nums">{formatBytes(file.bytes)}</span> <span className="font-mono text-xs text-muted-foreground">{shortSha(file.sha256)}</span></>
}

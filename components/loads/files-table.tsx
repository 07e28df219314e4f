import { CircleCheck, CircleMinus, Download, TriangleAlert } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import type { LoadFile } from '#lib/data/load-files.ts'
import { bytes, entityTitle } from './words.ts'

type Props = { loadId: string; delivery: number; files: LoadFile[]; mayDownload: boolean }

/** The files of a delivery: what the manifest announced beside what arrived. */
export function FilesTable({ loadId, delivery, files, mayDownload }: Props) {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <TableRegion label="Files">
        <Table>
          <TableCaption>Files of this delivery</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead>File</TableHead>
              <TableHead className="text-right">Size</TableHead>
              <TableHead className="text-right">Manifest</TableHead>
              <TableHead className="text-right">Records</TableHead>
              <TableHead>Count</TableHead>
              <TableHead>SHA-256</TableHead>
              <TableHead>Checksum</TableHead>
              <TableHead>Arrived</TableHead>
              {mayDownload ? <TableHead><span className="sr-only">Download</span></TableHead> : null}
            </TableRow>
          </TableHeader>
          <TableBody>
            {files.map((file) => (
              <TableRow key={file.name}>
                <TableHead scope="row">
                  <span className="block">{file.name}</span>
                  <span className="block text-xs font-normal text-muted-foreground">{file.entity ? entityTitle(file.entity) : file.name === MANIFEST_NAME ? 'Manifest' : 'Not part of the contract'}</span>
                </TableHead>
                <TableCell className="text-right whitespace-nowrap tabular-nums">{file.bytes === null ? '—' : bytes(file.bytes)}</TableCell>
                <TableCell className="text-right"><Num value={file.manifestRows} /></TableCell>
                <TableCell className="text-right"><Num value={file.records} /></TableCell>
                <TableCell>{file.name === MANIFEST_NAME ? '—' : <Match announced={file.manifestRows} found={file.records} />}</TableCell>
                <TableCell>
                  {file.sha256 === null ? '—' : (
                    <span className="inline-flex items-center gap-1">
                      <code className="font-mono text-xs" title={file.sha256}>{file.sha256.slice(0, 12)}…</code>
                      <CopyButton text={file.sha256} label={`Copy the SHA-256 of ${file.name}`} />
                    </span>
                  )}
                </TableCell>
                <TableCell>{file.name === MANIFEST_NAME ? '—' : <Match announced={file.manifestSha256} found={file.sha256} />}</TableCell>
                <TableCell className="whitespace-nowrap"><RelativeTime iso={file.receivedAt} /></TableCell>
                {mayDownload ? <TableCell className="text-right"><DownloadLink loadId={loadId} delivery={delivery} file={file} /></TableCell> : null}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableRegion>
    </div>
  )
}

/** Whether what arrived is what the manifest says. */
function Match({ announced, found }: { announced: string | number | null; found: string | number | null }) {
  const classes = 'inline-flex items-center gap-1.5 align-middle whitespace-nowrap [&>svg]:size-4'
  if (announced === null) return <span className={`${classes} text-muted-foreground`}><CircleMinus aria-hidden />Not in the manifest</span>
  if (found === null) return <span className={`${classes} text-muted-foreground`}><CircleMinus aria-hidden />Not checked yet</span>
  if (announced === found) return <span className={`${classes} text-success`}><CircleCheck aria-hidden />Matches</span>
  return <span className={`${classes} font-medium text-danger`}><TriangleAlert aria-hidden />Differs</span>
}

function DownloadLink({ loadId, delivery, file }: { loadId: string; delivery: number; file: LoadFile }) {
  if (!file.kept) return <span className="text-xs whitespace-nowrap text-muted-foreground">{file.receivedAt === null ? 'Not here' : 'No longer kept'}</span>
  return (
    <Button asChild size="sm">
      <a href={`/api/v1/loads/${loadId}/files/${encodeURIComponent(file.name)}?delivery=${delivery}`} download={file.name} aria-label={`Download ${file.name}`}>
        <Download aria-hidden />Download
      </a>
    </Button>
  )
}

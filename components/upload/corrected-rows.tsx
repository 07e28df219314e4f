'use client'

import { FilePlus } from 'lucide-react'
import { useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import type { Entity } from '#lib/contract/index.ts'
import type { Corrected } from './types.ts'
import type { ChosenFiles } from './use-chosen-files.ts'

/** What to do with corrected rows of an earlier load, and a way to add what a load must have beside them. */
export function CorrectedRows({ corrected, chosen }: { corrected: Corrected; chosen: ChosenFiles }) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const missing = chosen.lines.filter((line) => line.files.length === 0).map(({ entity }) => entity)
  const fill = async () => {
    setBusy(true)
    setProblem(null)
    const files = await Promise.all(missing.map((entity) => (entity.mayBeEmpty ? new File([], entity.file) : asSent(corrected, entity))))
    setBusy(false)
    const gone = missing.filter((_, i) => files[i] === null).map(({ file }) => file)
    if (gone.length > 0) setProblem(`${gone.join(', ')} as sent with ${corrected.newest.loadId} could not be fetched; it may no longer be kept. Choose it yourself.`)
    chosen.add(files.flatMap((file) => (file ? [{ name: file.name, path: file.name, file }] : [])))
    chosen.makeManifest(true)
  }
  return (
    <Alert title={`Corrected rows of ${corrected.loadId}`}>
      <p>Drop the downloads of rejected rows here, corrected; their names may stay. A file may hold just these rows: what came in before is left alone.</p>
      {chosen.files.length > 0 && missing.length > 0 ? (
        <>
          <p className="mt-1">A load has seven files. The rest can be filled in: customers.csv as it was last sent, the others empty, and a manifest.</p>
          <Button size="sm" className="mt-2" busy={busy} onClick={() => void fill()}><FilePlus aria-hidden />Fill in the rest</Button>
        </>
      ) : null}
      {problem ? <p role="alert" className="mt-1 text-danger">{problem}</p> : null}
    </Alert>
  )
}

/** The file as it arrived with the newest load; null where it is not to be had. */
async function asSent({ newest }: Corrected, { file }: Entity): Promise<File | null> {
  const answer = await fetch(`/api/v1/loads/${newest.id}/files/${file}`).catch(() => null)
  return answer?.ok ? new File([await answer.blob()], file) : null
}

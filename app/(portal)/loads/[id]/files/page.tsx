import { FolderOpen } from 'lucide-react'
import type { Metadata } from 'next'
import { createLoader, parseAsInteger } from 'nuqs/server'
import { FilesTable } from '#components/loads/files-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { listLoadFiles } from '#lib/data/load-files.ts'
import { getLoad } from '#lib/data/loads.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

const readSearch = createLoader({ attempt: parseAsInteger })

export const metadata: Metadata = { title: 'Files of the load' }

/** The raw files of a load: sizes, counts and checksums beside those of the manifest, and downloads. */
export default async function LoadFilesPage({ params, searchParams }: Props) {
  const user = await requireUser('load:read')
  const { id } = await params
  const { attempt } = await readSearch(searchParams)
  const load = await orErrorPage(getLoad(user, id))
  const delivery = load.attempts.find(({ number }) => number === attempt)?.delivery ?? load.delivery
  const files = await orErrorPage(listLoadFiles(user, id, delivery))
  return (
    <div className="grid gap-3">
      {load.delivery > 1 ? <p className="text-13 text-muted-foreground">Delivery {delivery} of {load.delivery}: this load was sent more than once.</p> : null}
      {files.length === 0 ? (
        <div className="rounded-lg border bg-card">
          <EmptyState icon={FolderOpen} title="No file has arrived">Files appear here as they are sent.</EmptyState>
        </div>
      ) : (
        <FilesTable loadId={load.id} delivery={delivery} files={files} mayDownload={load.mayDownload} />
      )}
      {load.mayDownload ? null : <p className="text-13 text-muted-foreground">Your role may see which files arrived, but not download them.</p>}
    </div>
  )
}

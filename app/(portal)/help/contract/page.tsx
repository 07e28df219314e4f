import { Braces } from 'lucide-react'
import type { Metadata } from 'next'
import { EntityHelp } from '#components/contract/entity-help.tsx'
import { FileList } from '#components/contract/file-list.tsx'
import { PackageRules } from '#components/contract/package-rules.tsx'
import { Button } from '#components/ui/button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { entities, SCHEMA_VERSION } from '#lib/contract/index.ts'

export const metadata: Metadata = { title: 'Contract help' }

export default async function ContractHelpPage() {
  await requireUser('load:read')
  return (
    <div className="grid gap-6">
      <PageHeader
        title={`Contract ${SCHEMA_VERSION}`}
        description="What a partner sends for a shop: seven CSV files and a manifest. Every check of a load follows from this page."
        actions={<Button asChild><a href="/api/v1/contract" download><Braces aria-hidden />Contract as JSON</a></Button>}
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <FileList />
        <PackageRules />
      </div>
      {entities.map((entity) => <EntityHelp key={entity.name} entity={entity} />)}
    </div>
  )
}

import { Download } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { Card, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { entities, requiredColumns, type Entity } from '#lib/contract/index.ts'

/** The seven files, each with a link to its columns and an empty template. */
export function FileList() {
  return (
    <Card className="overflow-hidden">
      <CardHeader>
        <div>
          <CardTitle>Files</CardTitle>
          <CardDescription>Loaded in this order, so that parents are there before their children.</CardDescription>
        </div>
      </CardHeader>
      <TableRegion label="Files of a load" className="border-t">
        <Table>
          <TableCaption>The files of a load</TableCaption>
          <TableHeader>
            <TableRow><TableHead>File</TableHead><TableHead>Columns it must have</TableHead><TableHead>Without rows</TableHead><TableHead><span className="sr-only">Template</span></TableHead></TableRow>
          </TableHeader>
          <TableBody>
            {entities.map((entity) => <FileRow key={entity.name} entity={entity} />)}
          </TableBody>
        </Table>
      </TableRegion>
    </Card>
  )
}

function FileRow({ entity }: { entity: Entity }) {
  return (
    <TableRow>
      <TableHead scope="row">
        <a href={`#${entity.name}`} className="inline-flex min-h-6 items-center rounded-sm text-link underline-offset-4 hover:underline">{entity.file}</a>
        {entity.aliases.length > 0 ? <span className="block text-xs font-normal text-muted-foreground">or {entity.aliases.join(', ')}</span> : null}
      </TableHead>
      <TableCell className="font-mono text-xs">{requiredColumns(entity).map((column) => <span key={column} className="block">{column}</span>)}</TableCell>
      <TableCell>{entity.mayBeEmpty ? 'Allowed' : 'Fails the load'}</TableCell>
      <TableCell className="text-right">
        <Button asChild variant="ghost" size="sm">
          <a href={`/api/v1/contract/templates/${entity.file}`} download aria-label={`Template of ${entity.file}`}><Download aria-hidden />Template</a>
        </Button>
      </TableCell>
    </TableRow>
  )
}

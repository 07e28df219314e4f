import { Download, KeyRound } from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardActions, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { columnHelp, type ColumnHelp } from '#lib/contract/document.ts'
import type { Entity } from '#lib/contract/index.ts'

/** One file of the contract: its columns and the rules over a whole row. */
export function EntityHelp({ entity }: { entity: Entity }) {
  const columns = columnHelp(entity)
  return (
    <Card id={entity.name} aria-labelledby={`${entity.name}-title`} className="overflow-hidden">
      <CardHeader>
        <div>
          <CardTitle id={`${entity.name}-title`}>{entity.file}</CardTitle>
          <CardDescription>{columns.length} columns. One record is one {entity.name.replaceAll('_', ' ')}, known by its {entity.key}.</CardDescription>
        </div>
        <CardActions>
          <Button asChild size="sm"><a href={`/api/v1/contract/templates/${entity.file}`} download><Download aria-hidden />Template<span className="sr-only"> of {entity.file}</span></a></Button>
        </CardActions>
      </CardHeader>
      <TableRegion label={`Columns of ${entity.file}`} className="border-t">
        <Table className="min-w-[64rem]">
          <TableCaption>Columns of {entity.file}</TableCaption>
          <TableHeader>
            <TableRow><TableHead className="w-64">Column</TableHead><TableHead className="w-28">Value</TableHead><TableHead>Takes</TableHead><TableHead className="w-96">When it does not fit</TableHead></TableRow>
          </TableHeader>
          <TableBody>{columns.map((column) => <ColumnRow key={column.name} {...column} />)}</TableBody>
        </Table>
      </TableRegion>
      {entity.rules.length > 0 ? (
        <div className="border-t bg-surface px-4 py-3 text-13">
          <p className="font-medium">Rules over a row</p>
          <ul className="mt-1 list-disc pl-4 marker:text-muted-foreground">{entity.rules.map(({ rule }) => <li key={rule}>{rule} <span className="text-muted-foreground">(a warning: the row comes in as sent)</span></li>)}</ul>
        </div>
      ) : null}
    </Card>
  )
}

function ColumnRow({ name, takes, required, isKey, parent, invalid }: ColumnHelp) {
  return (
    <TableRow>
      <TableHead scope="row" className="font-mono text-xs">{name}</TableHead>
      <TableCell>
        {isKey ? <Badge tone="info"><KeyRound aria-hidden />Key</Badge> : required ? <Badge tone="outline">Required</Badge> : <span className="text-muted-foreground">Optional</span>}
      </TableCell>
      <TableCell>{takes}{parent ? <span className="block text-muted-foreground">{parent}</span> : null}</TableCell>
      <TableCell className="text-muted-foreground">{invalid}</TableCell>
    </TableRow>
  )
}

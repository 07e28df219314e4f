import { Card, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { Problem } from '#lib/contract/codes.ts'
import { counted } from './words.ts'

/** Everything that is wrong with a package, all at once. */
export function Problems({ problems }: { problems: Problem[] }) {
  return (
    <Card>
      <CardHeader>
        <div>
          <CardTitle>{counted(problems.length, 'problem')} with the package</CardTitle>
          <CardDescription>All that were found. Each must be put right before anything is loaded.</CardDescription>
        </div>
      </CardHeader>
      <TableRegion label="Problems of the package" className="border-t">
        <Table>
          <TableCaption>Problems of the package</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead>File</TableHead>
              <TableHead className="text-right">Line</TableHead>
              <TableHead>Column</TableHead>
              <TableHead>What is wrong</TableHead>
              <TableHead>Code</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {problems.map((problem, i) => (
              <TableRow key={i}>
                <TableHead scope="row">{problem.file ?? 'The package'}</TableHead>
                <TableCell className="text-right tabular-nums">{problem.line === null ? '—' : formatNumber(problem.line)}</TableCell>
                <TableCell>{problem.column ?? '—'}</TableCell>
                <TableCell className="min-w-72 wrap-anywhere">{problem.message}</TableCell>
                <TableCell><code className="font-mono text-xs text-muted-foreground">{problem.code}</code></TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableRegion>
    </Card>
  )
}

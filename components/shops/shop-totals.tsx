import { entityTitle } from '#components/loads/words.ts'
import { Num } from '#components/ui/num.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { entityNames } from '#lib/contract/index.ts'
import type { EntityTotal } from '#lib/data/shops.ts'

/** How many rows of each entity the shop has, by where they came from; dashes of light while they are counted. */
export function ShopTotals({ totals }: { totals: readonly EntityTotal[] | null }) {
  const waiting = <Skeleton className="ml-auto h-3.5 w-12" />
  return (
    <TableRegion label="Rows of the shop">
      <Table aria-busy={totals === null || undefined}>
        <TableCaption>Rows of the shop, imported and made in our product</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead>Entity</TableHead>
            <TableHead className="text-right">Imported</TableHead>
            <TableHead className="text-right">Made here</TableHead>
            <TableHead className="text-right">Total</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {entityNames.map((entity) => {
            const of = totals?.find((each) => each.entity === entity)
            return (
              <TableRow key={entity}>
                <TableHead scope="row">{entityTitle(entity)}</TableHead>
                <TableCell className="text-right">{of ? <Num value={of.imported} /> : waiting}</TableCell>
                <TableCell className="text-right">{of ? <Num value={of.native} /> : waiting}</TableCell>
                <TableCell className="text-right font-medium">{of ? <Num value={of.imported + of.native} /> : waiting}</TableCell>
              </TableRow>
            )
          })}
        </TableBody>
      </Table>
    </TableRegion>
  )
}

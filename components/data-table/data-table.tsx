'use client'

import { rowSortingFeature, tableFeatures, useTable, type ColumnDef, type RowData, type SortingState } from '@tanstack/react-table'
import { ListX } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useMemo, useTransition, type MouseEvent, type ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { SortButton } from './sort-button.tsx'
import { RowLink } from './row-link.tsx'
import { KeysetPager, PagePager, type Paging } from './pager.tsx'
import { tableSearchParams, type Sort } from './search-params.ts'

export type { Paging } from './pager.tsx'

export type DataColumn<T> = {
  /** Names the column in the address when it can be sorted by. */
  id: string
  header: string
  /** More about the column than its short heading says. */
  hint?: string
  cell: (row: T) => ReactNode
  align?: 'left' | 'right' | 'center'
  sortable?: boolean
  /** Names the row for screen readers and holds its link. The first column unless told. */
  rowHeader?: boolean
  className?: string
}

type Props<T extends RowData> = {
  /** Says what the table lists, for screen readers: "Loads". */
  caption: string
  columns: DataColumn<T>[]
  rows: T[]
  rowId: (row: T) => string
  /** Where a row leads. The whole row is clickable; the row's heading is the link. */
  rowHref?: (row: T) => string | undefined
  /** What the server sorted by. */
  sort?: Sort | null
  paging?: Paging
  /** Shown in place of the table when there are no rows. */
  empty: ReactNode
  className?: string
}

const features = tableFeatures({ rowSortingFeature })
const aligned = { left: 'text-left', right: 'text-right tabular-nums', center: 'text-center' }

/**
 * The one grid. The server sorts and pages; state lives in the address (`sort`, `page`, `size`) and survives reloads,
 * Back and sharing. Columns, with their cell functions, must be made in a client component and kept stable.
 */
export function DataTable<T extends RowData>({ caption, columns, rows, rowId, rowHref, sort = null, paging, empty, className }: Props<T>) {
  const router = useRouter()
  const [pending, startTransition] = useTransition()
  const [, setSearch] = useQueryStates(tableSearchParams, { shallow: false, history: 'push', startTransition })
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns])
  const definitions = useMemo(
    (): ColumnDef<typeof features, T>[] =>
      columns.map(({ id, header, cell, sortable = false, align }) => ({
        id, header, accessorFn: (row) => row, enableSorting: sortable, sortDescFirst: align === 'right', cell: ({ row }) => cell(row.original),
      })),
    [columns],
  )
  const sorting: SortingState = sort ? [sort] : []
  const table = useTable({
    features, columns: definitions, data: rows, getRowId: (row) => rowId(row),
    manualSorting: true, enableSortingRemoval: false, enableMultiSort: false,
    state: { sorting },
    onSortingChange: (change) => {
      const [next] = typeof change === 'function' ? change(sorting) : change
      void setSearch({ sort: next ?? null, page: null })
    },
  })
  const rowHeaderId = (columns.find((column) => column.rowHeader) ?? columns[0])?.id

  const openRow = (event: MouseEvent<HTMLElement>, href: string) => {
    const onControl = (event.target as HTMLElement).closest('a, button, input, label, select, [role="menuitem"]')
    if (onControl || event.defaultPrevented || window.getSelection()?.isCollapsed === false) return
    if (event.metaKey || event.ctrlKey) window.open(href, '_blank', 'noopener')
    else router.push(href)
  }

  if (rows.length === 0 && paging?.kind === 'pages' && paging.total > 0) {
    return (
      <div className={cn('rounded-lg border bg-card', className)}>
        <EmptyState icon={ListX} title={`No ${caption.toLowerCase()} on this page`} action={<Button onClick={() => void setSearch({ page: null })}>First page</Button>} />
        <PagePager {...paging} shown={0} noun={caption} onChange={(change) => void setSearch(change)} />
      </div>
    )
  }
  if (rows.length === 0) return <div className={cn('rounded-lg border bg-card', className)}>{empty}</div>
  return (
    <div className={cn('overflow-hidden rounded-lg border bg-card print:overflow-visible', className)} aria-busy={pending || undefined}>
      <TableRegion label={caption} className={cn('transition-opacity', pending && 'opacity-60')}>
        <Table>
          <TableCaption>{caption}</TableCaption>
          <TableHeader>
            {table.getHeaderGroups().map((group) => (
              <TableRow key={group.id}>
                {group.headers.map((header) => {
                  const column = byId.get(header.column.id)!
                  const sorted = header.column.getIsSorted()
                  return (
                    <TableHead
                      key={header.id}
                      title={column.hint}
                      aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                      className={cn(aligned[column.align ?? 'left'], column.className)}
                    >
                      {header.column.getCanSort() ? (
                        <SortButton label={column.header} sorted={sorted} align={column.align} onPress={() => header.column.toggleSorting()} />
                      ) : column.header}
                    </TableHead>
                  )
                })}
              </TableRow>
            ))}
          </TableHeader>
          <TableBody>
            {table.getRowModel().rows.map((row) => {
              const href = rowHref?.(row.original)
              return (
                <TableRow
                  key={row.id}
                  className={href ? 'cursor-pointer hover:[&>*]:bg-surface' : undefined}
                  onClick={href ? (event) => openRow(event, href) : undefined}
                >
                  {row.getAllCells().map((cell) => {
                    const column = byId.get(cell.column.id)!
                    const classes = cn(aligned[column.align ?? 'left'], column.className)
                    const content = <table.FlexRender cell={cell} />
                    return column.id === rowHeaderId ? (
                      <TableHead key={cell.id} scope="row" className={classes}>{href ? <RowLink href={href}>{content}</RowLink> : content}</TableHead>
                    ) : (
                      <TableCell key={cell.id} className={classes}>{content}</TableCell>
                    )
                  })}
                </TableRow>
              )
            })}
          </TableBody>
        </Table>
      </TableRegion>
      {paging?.kind === 'pages' ? <PagePager {...paging} shown={rows.length} noun={caption} onChange={(change) => void setSearch(change)} /> : null}
      {paging?.kind === 'keyset' ? <KeysetPager {...paging} noun={caption} /> : null}
    </div>
  )
}

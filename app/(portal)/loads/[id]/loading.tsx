import { Skeleton, TableSkeleton } from '#components/ui/skeleton.tsx'

export default function Loading() {
  return (
    <div className="grid gap-5">
      <Skeleton className="h-20 rounded-lg" />
      <TableSkeleton rows={9} columns={8} label="Loading the load" />
    </div>
  )
}

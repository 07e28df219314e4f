import { Skeleton, TableSkeleton } from '#components/ui/skeleton.tsx'

export default function Loading() {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[17rem_minmax(0,1fr)]">
      <div className="grid gap-3">{Array.from({ length: 8 }, (_, i) => <Skeleton key={i} className="h-9" />)}</div>
      <TableSkeleton columns={4} label="Reading the exceptions" />
    </div>
  )
}

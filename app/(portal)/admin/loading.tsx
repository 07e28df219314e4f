import { PageSkeleton } from '#components/ui/skeleton.tsx'

export default function AdminLoading() {
  return <PageSkeleton />
}

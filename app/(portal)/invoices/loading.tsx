import { PageSkeleton } from '#components/ui/skeleton.tsx'

export default function InvoicesLoading() {
  return <PageSkeleton />
}

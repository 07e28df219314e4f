import { PageSkeleton } from '#components/ui/skeleton.tsx'

export default function InvoiceLoading() {
  return <PageSkeleton />
}

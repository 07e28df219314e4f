import Link from 'next/link'
import type { ReactNode } from 'react'

/** The link of a row, in its heading. */
export function RowLink({ href, children }: { href: string; children: ReactNode }) {
  return <Link href={href} prefetch={false} className="inline-flex min-h-6 min-w-6 items-center rounded-sm underline-offset-4 group-hover/row:underline">{children}</Link>
}

'use client'

import { useSearchParams, useSelectedLayoutSegment } from 'next/navigation'
import { formatNumber } from '#components/ui/num.tsx'
import { LinkTabs } from '#components/ui/tabs.tsx'
import { counted } from './words.ts'

type Props = { id: string; exceptions: { errors: number; warnings: number } | null; files: number; staging: boolean }

/** The pages of a load. The chosen attempt goes along from one to the other. */
export function LoadTabs({ id, exceptions, files, staging }: Props) {
  const segment = useSelectedLayoutSegment()
  const attempt = useSearchParams().get('attempt')
  const kept = attempt && /^\d+$/.test(attempt) ? `?attempt=${attempt}` : ''
  const tabs = [
    { href: `/loads/${id}${kept}`, label: 'Overview', current: segment === null },
    { href: `/loads/${id}/exceptions${kept}`, label: 'Exceptions', current: segment === 'exceptions', count: exceptions === null ? undefined : exceptions.errors === 0 && exceptions.warnings > 0 ? counted(exceptions.warnings, 'warning') : formatNumber(exceptions.errors) },
    { href: `/loads/${id}/files${kept}`, label: 'Files', current: segment === 'files', count: files },
    ...(staging ? [{ href: `/staging/${id}`, label: 'Staging', current: false }] : []),
  ]
  return <LinkTabs label="Pages of this load" tabs={tabs} className="print-hidden" />
}

'use client'

import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { Card, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Unfinished } from './types.ts'

/** Uploads that were begun and not finished, with the day on which they are given up. */
export function UnfinishedUploads({ uploads }: { uploads: readonly Unfinished[] }) {
  if (uploads.length === 0) return null
  return (
    <Card aria-labelledby="unfinished-uploads">
      <CardHeader>
        <div>
          <CardTitle id="unfinished-uploads">Unfinished uploads</CardTitle>
          <CardDescription>What has arrived is kept until the day given. Go on by choosing the same files again.</CardDescription>
        </div>
      </CardHeader>
      <ul className="border-t">
        {uploads.map(({ id, loadId, shop, startedBy, files, received, expiresAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2 text-13 last:border-b-0">
            <span className="min-w-0 flex-1 basis-60">
              <span className="block truncate font-mono">{loadId}</span>
              <span className="block truncate text-xs text-muted-foreground">{shop.name} · {shop.partner.name}{startedBy ? ` · ${startedBy}` : ''}</span>
            </span>
            <span className="text-muted-foreground tabular-nums">{received} of {files} files</span>
            <span className="text-muted-foreground">kept until <RelativeTime iso={expiresAt} absolute /></span>
            <Button asChild size="sm"><Link href={`/loads/new?resume=${id}`}>Go on<span className="sr-only"> with {loadId}</span></Link></Button>
          </li>
        ))}
      </ul>
    </Card>
  )
}

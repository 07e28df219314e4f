'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Sheet, SheetContent, SheetTitle } from '#components/ui/sheet.tsx'

type Props = { title: string; closeHref: string; previousHref: string | null; nextHref: string | null; children: ReactNode }

/** The panel of one record, open as long as the address names the record. */
export function RecordSheet({ title, closeHref, previousHref, nextHref, children }: Props) {
  const router = useRouter()
  return (
    <Sheet open onOpenChange={(open) => { if (!open) router.push(closeHref, { scroll: false }) }}>
      <SheetContent
        className="w-[60rem] max-w-[100vw] outline-none sm:max-w-[92vw]"
        // The panel itself, so that it is read from its title on and no control looks chosen.
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          (event.currentTarget as HTMLElement).focus()
        }}
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2.5 pr-12">
          <SheetTitle className="text-sm font-semibold">{title}</SheetTitle>
          <div className="flex items-center gap-1">
            <Step href={previousHref} label="Previous record" icon={<ChevronLeft aria-hidden />} />
            <Step href={nextHref} label="Next record" icon={<ChevronRight aria-hidden />} />
          </div>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
      </SheetContent>
    </Sheet>
  )
}

function Step({ href, label, icon }: { href: string | null; label: string; icon: ReactNode }) {
  if (!href) return <Button size="icon-sm" variant="ghost" aria-label={label} disabled>{icon}</Button>
  return <Button asChild size="icon-sm" variant="ghost"><Link href={href} scroll={false} replace aria-label={label} title={label}>{icon}</Link></Button>
}

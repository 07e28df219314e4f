'use client'

import { Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { NewShopDialog } from '#components/upload/new-shop-dialog.tsx'

/** Adds a shop and opens its page. */
export function NewShopButton({ primary = false }: { primary?: boolean }) {
  const router = useRouter()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant={primary ? 'primary' : 'outline'} onClick={() => setOpen(true)}><Plus aria-hidden />New shop</Button>
      {open ? <NewShopDialog onClose={() => setOpen(false)} onCreated={({ id }) => router.push(`/shops/${id}`)} /> : null}
    </>
  )
}

'use client'

import { useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogHeader, DialogTitle } from '#components/ui/dialog.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { NewLink } from '#lib/data/invitations.ts'

/** Shows a one-time link, the only time that it can be seen. */
export function LinkDialog({ name, link, onClose }: { name: string; link: NewLink; onClose: () => void }) {
  const [copied, setCopied] = useState<boolean | null>(null)
  const address = `${window.location.origin}/invite#${link.token}`
  const copy = () => navigator.clipboard.writeText(address).then(() => setCopied(true), () => setCopied(false))
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Send this link to {name}</DialogTitle>
          <DialogDescription>
            It lets them choose a password, once, until <RelativeTime iso={link.expiresAt} absolute />. Onramp sends no mail: pass it on in a way that only they can read.
          </DialogDescription>
        </DialogHeader>
        <Field label="One-time link">
          {(control) => <Input {...control} readOnly value={address} onFocus={(event) => event.target.select()} className="font-mono text-xs" />}
        </Field>
        <Alert tone="warning">It cannot be shown again. If it is lost, make a new one.</Alert>
        <p role="status" className="text-13 text-muted-foreground empty:hidden">
          {copied === null ? '' : copied ? 'Copied.' : 'The browser did not let it be copied. Select the text and copy it.'}
        </p>
        <DialogFooter>
          <Button onClick={onClose}>Done</Button>
          <Button variant="primary" onClick={() => void copy()}>Copy the link</Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}

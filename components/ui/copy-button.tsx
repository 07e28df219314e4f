'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'

/** Copies a text; `label` says what, as "Copy load id". */
export function CopyButton({ text, label = 'Copy', className }: { text: string; label?: string; className?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const back = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(back)
  }, [copied])
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      className={cn('size-6 text-muted-foreground', className)}
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false))}
    >
      {copied ? <Check aria-hidden className="size-3.5 text-success" /> : <Copy aria-hidden className="size-3.5" />}
      <span role="status" className="sr-only">{copied ? 'Copied' : ''}</span>
    </Button>
  )
}

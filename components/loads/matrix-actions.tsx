'use client'

import { Check, Copy, Printer } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '#components/ui/button.tsx'

/** Copies the matrix so that it can be pasted into a spreadsheet. */
export function CopyMatrix({ text }: { text: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const back = setTimeout(() => setState('idle'), 2_500)
    return () => clearTimeout(back)
  }, [state])
  return (
    <Button size="sm" onClick={() => navigator.clipboard.writeText(text).then(() => setState('copied'), () => setState('refused'))}>
      {state === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span role="status">{state === 'copied' ? 'Copied' : state === 'refused' ? 'The browser did not allow it' : 'Copy as table'}</span>
    </Button>
  )
}

export function PrintButton() {
  return <Button size="sm" onClick={() => window.print()}><Printer aria-hidden />Print</Button>
}

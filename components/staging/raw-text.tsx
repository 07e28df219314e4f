import { Fragment } from 'react'
import { cn } from '#components/ui/cn.ts'
import { formatNumber } from '#components/ui/num.tsx'

// What cannot be seen, made visible: blanks at either end, and the characters that break or hide a line.
// The blanks at the end are looked for once a run, so that a cell of a million blanks is read in one go.
const INVISIBLE = /^[ \u00a0]+|(?<![ \u00a0])[ \u00a0]+$|[\t\r\n\0\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
const signs: Record<string, string> = { ' ': '·', '\u00a0': '⍽', '\t': '→', '\r': '␍', '\n': '↵', '\0': '␀' }

// A cell may have 16 MiB; nobody reads them on a page, and the file has them whole.
const MOST_SHOWN = 20_000

const signOf = (character: string) => signs[character] ?? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** A cell as it was sent, with blanks and control characters visible. An empty cell says so in words. */
export function RawText({ text: sent, className }: { text: string | null; className?: string }) {
  if (sent === null || sent === '') return <span className={cn('inline-block align-top text-xs leading-5 text-muted-foreground italic', className)}>empty</span>
  const text = sent.slice(0, MOST_SHOWN).toWellFormed()
  const parts: { text: string; hidden: boolean }[] = []
  let at = 0
  for (const found of text.matchAll(INVISIBLE)) {
    if (found.index > at) parts.push({ text: text.slice(at, found.index), hidden: false })
    parts.push({ text: [...found[0]].map(signOf).join(''), hidden: true })
    at = found.index + found[0].length
  }
  if (at < text.length) parts.push({ text: text.slice(at), hidden: false })
  return (
    <span dir="auto" className={cn('inline-block max-w-full align-top font-mono text-xs leading-5 break-words whitespace-pre-wrap', className)}>
      {parts.map((part, i) => (part.hidden ? <span key={i} className="rounded-xs bg-muted text-muted-foreground">{part.text}</span> : <Fragment key={i}>{part.text}</Fragment>))}
      {sent.length > MOST_SHOWN ? <span className="rounded-xs bg-muted text-muted-foreground"> … and {formatNumber(sent.length - MOST_SHOWN)} more characters</span> : null}
    </span>
  )
}

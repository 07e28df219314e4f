'use client'

import { useEffect, useState } from 'react'
import { cn } from './cn.ts'
import { Tooltip } from './tooltip.tsx'

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60]]
const words = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto', style: 'short' })
const WEEK_SECONDS = 7 * 86_400

function relative(at: Date, nowMs: number): string {
  const seconds = Math.round((at.getTime() - nowMs) / 1000)
  if (Math.abs(seconds) < 45) return seconds > 5 ? 'in a moment' : 'just now'
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[2]!
  return words.format(Math.round(seconds / size), unit)
}

const inUtc = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

type Props = {
  iso: string | null
  /** Shown where there is no time. */
  empty?: string
  className?: string
  /** The full date and time in place of "5 min. ago". */
  absolute?: boolean
  /** It stands in a link of the class `group`, which is what takes the focus. */
  inLink?: boolean
}

/**
 * A moment, as "5 min. ago" for a week and as a date after that. The full time in the reader's zone comes with the pointer and
 * with the keyboard, and is read out. The server knows neither the clock nor the zone of the reader, so it sends the time in UTC
 * and the browser replaces it.
 */
export function RelativeTime({ iso, empty = '—', className, absolute = false, inLink = false }: Props) {
  const [nowMs, setNowMs] = useState<number | null>(null)
  useEffect(() => {
    const tick = () => setNowMs(Date.now())
    tick()
    const timer = setInterval(tick, 30_000)
    return () => clearInterval(timer)
  }, [])
  if (iso === null) return <span className={className}>{empty}</span>
  const at = new Date(iso)
  if (nowMs === null) return <time dateTime={iso} className={className}>{inUtc.format(at)} UTC</time>
  const full = at.toLocaleString('en-US', { dateStyle: 'medium', timeStyle: 'short' })
  const exact = at.toLocaleString('en-US', { dateStyle: 'full', timeStyle: 'long' })
  if (absolute) return <time dateTime={iso} title={exact} className={className}>{full}</time>
  const recent = Math.abs(at.getTime() - nowMs) < WEEK_SECONDS * 1000
  const shown = recent ? relative(at, nowMs) : at.toLocaleDateString('en-US', { dateStyle: 'medium' })
  if (inLink) {
    return (
      <time dateTime={iso} title={exact} className={cn('relative', className)}>
        <span className="group-focus-visible:sr-only">{shown}</span>
        <span className="sr-only group-focus-visible:not-sr-only"><span className="group-focus-visible:hidden">, </span>{full}</span>
      </time>
    )
  }
  return (
    <Tooltip content={exact}>
      <time dateTime={iso} tabIndex={0} className={cn('relative rounded-sm', className)}>{shown}<span className="sr-only">, {full}</span></time>
    </Tooltip>
  )
}

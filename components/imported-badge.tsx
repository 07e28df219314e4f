'use client'

import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import styles from './imported-badge.module.css'

export type ImportedBadgeProps = {
  /** Who delivered the data, as people know them. */
  partner: string
  loadId: string
  /** When the load brought it, as an ISO date. */
  importedAt: string
  /** Somebody has edited it since the load wrote it. */
  changedSince?: boolean
  /** The zone the date is told in; an IANA name. */
  timeZone?: string
}

// Long enough to move the pointer from the badge over to its tooltip (WCAG 1.4.13), short enough not to linger.
const CLOSE_DELAY_MS = 150
const GAP_PX = 6
const EDGE_PX = 8

/**
 * Marks what came in by an import: "Imported" on screen and in print, with partner, load and date in a tooltip (pointer, focus or
 * tap; Esc closes it) and in the text that is spoken and printed. Needs nothing but React and its own style sheet.
 */
export function ImportedBadge({ partner, loadId, importedAt, changedSince = false, timeZone = 'UTC' }: ImportedBadgeProps) {
  const badge = useRef<HTMLButtonElement>(null)
  const tooltip = useRef<HTMLSpanElement>(null)
  const closing = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [open, setOpen] = useState(false)
  const date = new Date(importedAt).toLocaleDateString('en-US', { year: 'numeric', month: 'short', day: 'numeric', timeZone })

  const show = () => {
    clearTimeout(closing.current)
    setOpen(true)
  }
  const hideSoon = () => {
    closing.current = setTimeout(() => setOpen(false), CLOSE_DELAY_MS)
  }

  useEffect(() => () => clearTimeout(closing.current), [])
  useLayoutEffect(() => {
    if (!open) return
    const place = () => placeTooltip(tooltip.current!, badge.current!)
    const hideOnEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      // One press closes one thing: a dialog around the badge stays.
      event.stopPropagation()
      setOpen(false)
    }
    tooltip.current!.showPopover()
    place()
    document.addEventListener('keydown', hideOnEscape, true)
    // Focus may scroll the badge into view after the tooltip has opened, so it moves along.
    window.addEventListener('scroll', place, true)
    window.addEventListener('resize', place)
    return () => {
      document.removeEventListener('keydown', hideOnEscape, true)
      window.removeEventListener('scroll', place, true)
      window.removeEventListener('resize', place)
    }
  }, [open])

  return (
    <>
      <button
        ref={badge} type="button" className={changedSince ? `${styles.badge} ${styles.changed}` : styles.badge}
        onPointerEnter={show} onPointerLeave={hideSoon} onFocus={show} onBlur={hideSoon} onClick={show}
      >
        <Icon changed={changedSince} />
        <span className={styles.text}>
          Imported
          {changedSince && <span className={styles.change} aria-hidden>, changed here</span>}
          <span className={styles.details}>{` from ${partner}, load ${loadId}, ${date}${changedSince ? ', changed here' : ''}`}</span>
        </span>
      </button>
      {open && (
        <span ref={tooltip} role="tooltip" popover="manual" className={styles.tooltip} onPointerEnter={show} onPointerLeave={hideSoon}>
          <span className={styles.fact}><span className={styles.label}>Partner</span> {partner}</span>
          <span className={styles.fact}><span className={styles.label}>Load</span> {loadId}</span>
          <span className={styles.fact}><span className={styles.label}>Imported</span> {date}</span>
          {changedSince && <span className={styles.fact}>Changed here since the load wrote it</span>}
        </span>
      )}
    </>
  )
}

/** Below the badge, or above where there is no room, and never beyond the edges of the window. */
function placeTooltip(tooltip: HTMLElement, badge: HTMLElement): void {
  const at = badge.getBoundingClientRect()
  const { width, height } = tooltip.getBoundingClientRect()
  const below = at.bottom + GAP_PX
  const top = below + height > window.innerHeight - EDGE_PX ? Math.max(EDGE_PX, at.top - GAP_PX - height) : below
  const left = Math.max(EDGE_PX, Math.min(at.left, window.innerWidth - EDGE_PX - width))
  tooltip.style.top = `${top}px`
  tooltip.style.left = `${left}px`
}

function Icon({ changed }: { changed: boolean }) {
  return (
    <svg className={styles.icon} viewBox="0 0 12 12" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      {changed ? <path d="M7.6 2.2l2.2 2.2M1.8 10.2l.5-2.4 6-6 2.1 2.1-6 6z" /> : <path d="M6 1.2v6M3.4 4.8L6 7.4l2.6-2.6M1.4 8.2v2.4h9.2V8.2" />}
    </svg>
  )
}

'use client'

import { useEffect, useRef, useState } from 'react'
import type { Ledger, LedgerRow } from '#lib/data/loads.ts'
import { byItself } from '#lib/http/background.ts'
import { isMoving, type LoadStatus } from '#lib/load-status.ts'

const WHILE_RUNNING_MS = 4_000
const OTHERWISE_MS = 20_000

type Counts = Ledger['counts']
type Update = {
  basis: LedgerRow[]; rows: Map<string, LedgerRow>; total: number; counts: Counts
  /** Loads of the page that are not in the list any more, since their status is another by now. */
  left: ReadonlySet<string>
}

/**
 * Keeps the rows of a page up to date without moving any: values change in place, and loads that would come in are only
 * counted. `total` is the number of loads when the page was made, `before` how many there were of each status, `wanted` the
 * statuses that the list is narrowed to, if any.
 */
export function useLedgerUpdates(rows: LedgerRow[], total: number, before: Counts, wanted: readonly LoadStatus[]): { shown: LedgerRow[]; arrived: number; counts: Counts } {
  const [update, setUpdate] = useState<Update | null>(null)
  const current = update?.basis === rows ? update : null
  const shown = current ? rows.map((row) => current.rows.get(row.id) ?? row) : rows
  const moving = shown.some(({ status }) => isMoving(status))
  const latest = useRef(shown)
  useEffect(() => {
    latest.current = shown
  })

  useEffect(() => {
    let over = false
    const look = async () => {
      if (document.visibilityState === 'hidden') return
      const found = new Map(latest.current.map((row) => [row.id, row]))
      // A list that cannot be read again just stays as it was; reloading the page would say why.
      const ledger = await read<Ledger>(`/api/v1/loads${window.location.search}`)
      if (!ledger) return
      const listed = new Set(ledger.rows.map(({ id }) => id))
      for (const row of ledger.rows) found.set(row.id, row)
      // What goes on is followed, also where the list has it no more.
      const away = await Promise.all([...found.values()].filter((row) => isMoving(row.status) && !listed.has(row.id)).map(({ id }) => read<{ row: LedgerRow }>(`/api/v1/loads/${id}`)))
      for (const answer of away) if (answer) found.set(answer.row.id, answer.row)
      if (over) return
      const left = rows.filter(({ id }) => !listed.has(id) && wanted.length > 0 && !wanted.includes(found.get(id)!.status)).map(({ id }) => id)
      setUpdate({ basis: rows, rows: found, total: ledger.total, counts: ledger.counts, left: new Set(left) })
    }
    const timer = setInterval(look, moving ? WHILE_RUNNING_MS : OTHERWISE_MS)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [rows, moving, wanted])

  return { shown, arrived: current ? Math.max(0, current.total + current.left.size - total) : 0, counts: current?.counts ?? before }
}

async function read<T>(address: string): Promise<T | null> {
  const answer = await fetch(address, { headers: byItself }).catch(() => null)
  return answer?.ok ? ((await answer.json()) as T) : null
}

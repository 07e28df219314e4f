'use client'

import { useEffect, useState } from 'react'
import type { Ledger, LedgerRow } from '#lib/data/loads.ts'
import { byItself } from '#lib/http/background.ts'
import { isUnderWay } from '#lib/load-status.ts'

const WHILE_RUNNING_MS = 4_000
const OTHERWISE_MS = 20_000

type Counts = Ledger['counts']
type Update = { basis: LedgerRow[]; rows: Map<string, LedgerRow>; total: number; counts: Counts }

/**
 * Keeps the rows of a page up to date without moving any: values change in place, and loads that would come in are only
 * counted. `total` is the number of loads when the page was made, `before` how many there were of each status.
 */
export function useLedgerUpdates(rows: LedgerRow[], total: number, before: Counts): { shown: LedgerRow[]; arrived: number; counts: Counts } {
  const [update, setUpdate] = useState<Update | null>(null)
  const current = update?.basis === rows ? update : null
  const shown = current ? rows.map((row) => current.rows.get(row.id) ?? row) : rows
  const moving = shown.some(({ status }) => isUnderWay(status) || status === 'uploading')

  useEffect(() => {
    const look = async () => {
      if (document.visibilityState === 'hidden') return
      // A list that cannot be read again just stays as it was; reloading the page would say why.
      const answer = await fetch(`/api/v1/loads${window.location.search}`, { headers: byItself }).catch(() => null)
      if (!answer?.ok) return
      const ledger = (await answer.json()) as Ledger
      setUpdate({ basis: rows, rows: new Map(ledger.rows.map((row) => [row.id, row])), total: ledger.total, counts: ledger.counts })
    }
    const timer = setInterval(look, moving ? WHILE_RUNNING_MS : OTHERWISE_MS)
    return () => clearInterval(timer)
  }, [rows, moving])

  return { shown, arrived: current ? Math.max(0, current.total - total) : 0, counts: current?.counts ?? before }
}

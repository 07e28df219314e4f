'use client'

import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import { idProblem, proposedLoadId } from '#lib/upload/ids.ts'
import { ask } from './api.ts'
import type { LoadIdUse, Shop } from './types.ts'
import { useLater } from './use-later.ts'

type Use = { load: { id: string; status: string; dryRun: boolean } | null }

const askUse = (shop: Shop, loadId: string) => ask<Use>(`/api/v1/shops/${shop.id}/load-ids?loadId=${encodeURIComponent(loadId)}`)

/** Looks whether a load id is in use at a shop, a moment after the last key. */
export function useLoadIdUse(shop: Shop | null, loadId: string): LoadIdUse {
  const settled = useLater(loadId, 250)
  const usable = shop !== null && idProblem(settled, 100) === null
  const { data, isError } = useQuery({ queryKey: ['load id', shop?.id, settled], queryFn: () => askUse(shop!, settled), enabled: usable, staleTime: 0 })
  if (!usable) return { state: 'unknown' }
  if (isError) return { state: 'failed' }
  if (!data || settled !== loadId) return { state: 'checking' }
  return data.load ? { state: 'taken', ...data.load } : { state: 'free' }
}

/** Proposes a load id of today for the shop, the first that is free, unless the person has typed one. */
export function useProposedLoadId(shop: Shop | null, wanted: boolean, onProposed: (loadId: string) => void): void {
  const proposed = useEffectEvent(onProposed)
  useEffect(() => {
    if (!shop || !wanted) return
    let current = true
    void firstFree(shop, new Date()).then((loadId) => {
      if (current) proposed(loadId)
    })
    return () => void (current = false)
  }, [shop, wanted])
}

async function firstFree(shop: Shop, today: Date): Promise<string> {
  for (let n = 1; ; n++) {
    const loadId = proposedLoadId(shop.partner.slug, today, n)
    // When it cannot be checked now, the form says so, and the server checks it again.
    const use = await askUse(shop, loadId).catch(() => null)
    if (!use?.load) return loadId
  }
}

import type { FileDiff } from '#lib/upload/delivery.ts'

export type Shop = { id: string; slug: string; name: string; timeZone: string; partner: { id: string; slug: string; name: string } }

/** The shops that a search lists, and how many it found. */
export type FoundShops = { shops: Shop[]; total: number }

/** Whether a load id is in use at the chosen shop. */
export type LoadIdUse = { state: 'unknown' | 'checking' | 'free' | 'failed' } | { state: 'taken'; id: string; status: string; /** All that was done with it is a dry run. */ dryRun: boolean }

/** An upload that was begun and not finished. */
export type Unfinished = {
  id: string
  loadId: string
  shop: Shop
  startedBy: string | null
  files: number
  received: number
  expiresAt: string
}

/** The load whose rejected rows are sent again, and the newest of its shop that came in, whose customers go along. */
export type Corrected = { loadId: string; newest: { id: string; loadId: string } }

/** What POST /api/v1/loads answers. */
export type OpenedDelivery = { id: string; delivery: number; alreadyLoaded: boolean; uploadUrl?: string; files: { name: string; received: boolean }[] }
export type RefusalDetails = { id?: string; diff?: FileDiff[]; mayReplace?: boolean } | null

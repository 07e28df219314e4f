import type { EntityName } from '#lib/contract/index.ts'
import type { Verdict } from '#lib/data/staging.ts'

/** A staged file: of a load, an entity, and an attempt where another than the newest is meant. */
export type Sheet = { loadId: string; entity: EntityName; attempt: number | null }
type View = { verdict?: Verdict | null; record?: number | null; after?: number | null; before?: number | null }

/** The page of a staged file. */
export function sheetHref({ loadId, entity, attempt }: Sheet, view: View = {}): string {
  const given = Object.entries({ attempt, ...view }).filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => [name, String(value)])
  return `/staging/${loadId}/${entity}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`
}

import type { AlternativeResult } from './alternatives.ts'
import type { CaseResult } from './cases.ts'
import type { CornerResult } from './corners.ts'
import type { Machine } from './machine.ts'
import type { SizeResult } from './sizes.ts'

/** Where figures come from. */
export type Setting = { measuredAt: string; machine: Machine; server: { name: string; version: string; settings: Record<string, string> } }

/** A target, the figure that was measured, and whether it holds; null where nothing was measured. */
export type Verdict = { target: string; limit: string; figure: string | null; holds: boolean | null }

export type LoadsResult = Setting & {
  invoices: number; runs: number
  cases: CaseResult[]; sizes: SizeResult[]; alternatives: AlternativeResult[]
  targets: Verdict[]
}

export type CornersResult = Setting & { corners: CornerResult[]; targets: Verdict[] }

import { invalidInput } from '#lib/errors.ts'
import { measureAlternatives } from './alternatives.ts'
import { caseNames, measureCases, type CaseName } from './cases.ts'
import { machine } from './machine.ts'
import type { LoadsResult } from './result.ts'
import type { BenchServer } from './server.ts'
import { measureSizes } from './sizes.ts'
import { judge } from './targets.ts'

const partNames = [...caseNames, 'sizes', 'alternatives'] as const
export type PartName = CaseName | 'sizes' | 'alternatives'

export type Plan = {
  /** What to measure; absent: everything. */
  parts?: readonly PartName[]
  /** Line items. */
  sizes?: readonly number[]
  invoices?: number
  runs?: number
  quick: boolean
  /** Also where the time goes. */
  profile: boolean
}
type Options = Plan & { dataDir: string; signal: AbortSignal; tell(line: string): void }

const USUAL = { invoices: 250_000, runs: 3, sizes: [10_000, 100_000], alternatives: 500 }
const QUICK = { invoices: 10_000, runs: 1, sizes: [4_000, 20_000], alternatives: 100 }

/** `first,sizes` as parts. Throws `invalid_input` for one that there is not. */
export function readParts(text: string | undefined): PartName[] | undefined {
  return text?.split(',').map((name) => {
    const found = partNames.find((part) => part === name)
    if (!found) throw invalidInput(`There is nothing called ${JSON.stringify(name)} to measure. There are ${partNames.join(', ')}.`)
    return found
  })
}

/** Measures loads against raw LOAD DATA and against other ways, and judges the targets. */
export async function measureLoads(server: BenchServer, { parts, sizes, quick, ...options }: Options): Promise<LoadsResult> {
  const defaults = quick ? QUICK : USUAL
  const { invoices = defaults.invoices, runs = defaults.runs, ...rest } = options
  const wants = (part: PartName) => !parts || parts.includes(part)
  const cases = await measureCases(server, { ...rest, invoices, runs, only: caseNames.filter(wants) })
  const measuredSizes = wants('sizes') || sizes ? await measureSizes(server, { ...rest, runs, quick, sizes: sizes ?? defaults.sizes }) : []
  const alternatives = wants('alternatives') ? await measureAlternatives(server, { ...rest, runs, invoices: Math.min(invoices, defaults.alternatives) }) : []
  const measured = { cases, sizes: measuredSizes, alternatives }
  return {
    measuredAt: new Date().toISOString(), machine: machine(), server: { name: server.name, version: server.version, settings: server.settings },
    invoices, runs, ...measured, targets: judge(measured),
  }
}

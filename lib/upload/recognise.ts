import { MANIFEST_NAME, entityNames, entityOf, entityOfFile } from '#lib/contract/index.ts'

export type Found<F> = { name: string; path: string; file: F }
export type Recognised<F> = {
  /** By the name that the file has in the contract, whatever its letter case on the disk. */
  files: Map<string, Found<F>>
  /** Same name twice in one go: which one is meant cannot be known, so none is taken. */
  twice: Map<string, Found<F>[]>
  ignored: string[]
}

// A download of rejected rows as the portal names it, with the number that browsers add to a second one.
const REJECTED_ROWS = new RegExp(`_rejected_(${entityNames.join('|')})(?: ?\\(\\d+\\))?\\.csv$`)

/**
 * The name in the contract that a file name stands for, or null: exactly, without letter case, or as the download of
 * rejected rows that somebody has corrected.
 */
export function contractName(fileName: string): string | null {
  const name = fileName.toLowerCase()
  if (name === MANIFEST_NAME) return MANIFEST_NAME
  if (entityOfFile(name)) return name
  const corrected = REJECTED_ROWS.exec(name)
  return corrected && entityOf(corrected[1]!).file
}

/** Sorts the files of a drop or a choice: which are the contract's, which come twice, and which are none of ours. */
export function recognise<F>(found: readonly Found<F>[]): Recognised<F> {
  const byName = Map.groupBy(found, (each) => contractName(each.name))
  const ignored = (byName.get(null) ?? []).map((each) => each.path)
  const known = [...byName].filter((entry): entry is [string, Found<F>[]] => entry[0] !== null)
  return {
    files: new Map(known.filter(([, all]) => all.length === 1).map(([name, [only]]) => [name, only!])),
    twice: new Map(known.filter(([, all]) => all.length > 1)),
    ignored,
  }
}

import { MANIFEST_NAME, entityOfFile } from '#lib/contract/index.ts'

export type Found<F> = { name: string; path: string; file: F }
export type Recognised<F> = {
  /** By the name that the file has in the contract, whatever its letter case on the disk. */
  files: Map<string, Found<F>>
  /** Same name twice in one go: which one is meant cannot be known, so none is taken. */
  twice: Map<string, Found<F>[]>
  ignored: string[]
}

/** The name in the contract that a file name stands for, or null: exactly, or without letter case. */
export function contractName(fileName: string): string | null {
  const name = fileName.toLowerCase()
  if (name === MANIFEST_NAME) return MANIFEST_NAME
  return entityOfFile(name) ? name : null
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

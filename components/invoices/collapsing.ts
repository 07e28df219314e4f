export type Foldable = { id: string; depth: number; below: number }

// Three levels are work, its parts and what belongs to a part. Longer chains are rare, and closed they stay readable.
const OPEN_LEVELS = 3

/** The lines that start closed: those so deep that what is below them would hide the rest. */
export function closedAtFirst(lines: readonly Foldable[]): Set<string> {
  return new Set(lines.filter((line) => line.below > 0 && line.depth >= OPEN_LEVELS).map((line) => line.id))
}

/** The ids of lines that stand below a closed one. Lines come in tree order. */
export function hiddenBy(closed: ReadonlySet<string>, lines: readonly Foldable[]): Set<string> {
  const hidden = new Set<string>()
  let closedDepth = Infinity
  for (const { id, depth } of lines) {
    if (depth > closedDepth) {
      hidden.add(id)
      continue
    }
    closedDepth = closed.has(id) ? depth : Infinity
  }
  return hidden
}

/** Closes an open line; opens a closed one together with everything below it, so that a long chain takes one press. */
export function toggled(closed: ReadonlySet<string>, lines: readonly Foldable[], id: string): Set<string> {
  const next = new Set(closed)
  if (!next.delete(id)) return next.add(id)
  const at = lines.findIndex((line) => line.id === id)
  for (let i = at + 1; i < lines.length && lines[i]!.depth > lines[at]!.depth; i++) next.delete(lines[i]!.id)
  return next
}

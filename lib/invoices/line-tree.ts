/** What the order of an invoice's lines depends on. */
export type TreeLine = { id: string; parentId: string | null; lineNumber: number | null }

/** A line's place in the tree: how deep it is (0 for a line of its own) and how many lines are below it, at any depth. */
export type Placed<L> = L & { depth: number; below: number }

/**
 * The lines in the order in which a person reads them: each followed by the lines below it, those of one parent by line number,
 * then id. Without recursion, so that a chain of any length works. A line whose parent is not among the lines stands on its own, and
 * so does one line of each cycle: no line is ever lost.
 */
export function linesAsTree<L extends TreeLine>(lines: readonly L[]): Placed<L>[] {
  const ids = new Set(lines.map((line) => line.id))
  const sorted = [...lines].sort(byNumberThenId)
  const childrenOf = new Map<string, L[]>()
  const roots: L[] = []
  for (const line of sorted) {
    if (line.parentId === null || !ids.has(line.parentId)) roots.push(line)
    else if (childrenOf.has(line.parentId)) childrenOf.get(line.parentId)!.push(line)
    else childrenOf.set(line.parentId, [line])
  }

  const placed: Placed<L>[] = []
  const seen = new Set<string>()
  const walk = (root: L) => {
    const open: { line: L; depth: number }[] = [{ line: root, depth: 0 }]
    for (let next = open.pop(); next; next = open.pop()) {
      if (seen.has(next.line.id)) continue
      seen.add(next.line.id)
      placed.push({ ...next.line, depth: next.depth, below: 0 })
      const children = childrenOf.get(next.line.id) ?? []
      for (let i = children.length - 1; i >= 0; i--) open.push({ line: children[i]!, depth: next.depth + 1 })
    }
  }
  roots.forEach(walk)
  for (const line of sorted) if (!seen.has(line.id)) walk(line)

  countBelow(placed)
  return placed
}

/** In reading order a line's descendants follow it directly, up to the next line that is not deeper. */
function countBelow(placed: Placed<TreeLine>[]): void {
  const above: number[] = []
  placed.forEach((line, i) => {
    while (above.length > line.depth) closeLast(placed, above, i)
    above.push(i)
  })
  while (above.length > 0) closeLast(placed, above, placed.length)
}

function closeLast(placed: Placed<TreeLine>[], above: number[], end: number): void {
  const start = above.pop()!
  placed[start]!.below = end - start - 1
}

function byNumberThenId(a: TreeLine, b: TreeLine): number {
  if (a.lineNumber !== b.lineNumber) return (a.lineNumber ?? Infinity) - (b.lineNumber ?? Infinity)
  return a.id.length - b.id.length || (a.id < b.id ? -1 : 1)
}

/**
 * The members of circles among links in which every row has at most one parent. `parents` maps a row's id to its parent's.
 * Linear, whatever the depth.
 */
export function findCycles(parents: ReadonlyMap<number, number>): number[] {
  const cyclic: number[] = []
  // The number of the walk that met a row, -1 once that walk is over.
  const seenIn = new Map<number, number>()
  let walk = 0
  for (const start of parents.keys()) {
    if (seenIn.has(start)) continue
    walk++
    const path: number[] = []
    let at: number | undefined = start
    while (at !== undefined && !seenIn.has(at)) {
      seenIn.set(at, walk)
      path.push(at)
      at = parents.get(at)
    }
    if (at !== undefined && seenIn.get(at) === walk) for (const id of path.slice(path.indexOf(at))) cyclic.push(id)
    for (const id of path) seenIn.set(id, -1)
  }
  return cyclic
}

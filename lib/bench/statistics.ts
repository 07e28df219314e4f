/** The middle value; of an even number of values the mean of the two in the middle. Throws when there is none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('there is no median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest value that at least `percent` of the values do not exceed. Throws when there is none. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error('there is no percentile of nothing')
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)]!
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** How far apart values lie: the highest over the lowest. */
export const spread = (values: readonly number[]): number => Math.max(...values) / Math.min(...values)

/** Each figure of `samples` as its median. A figure that is null in any of them was not measured, and stays null. */
export function medians<K extends string>(samples: readonly { readonly [name in K]: number | null }[]): Record<K, number | null> {
  const names = Object.keys(samples[0]!) as K[]
  return Object.fromEntries(names.map((name) => {
    const values = samples.map((sample) => sample[name])
    return [name, values.some((value) => value === null) ? null : median(values as number[])]
  })) as Record<K, number | null>
}

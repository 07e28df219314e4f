/** How long something still takes, roughly: `about 2 min`. */
export function formatRemaining(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 60) return `about ${Math.ceil(seconds / 10) * 10} s`
  if (seconds < 3600) return `about ${Math.ceil(seconds / 60)} min`
  return `about ${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 60)} min`
}

/** The beginning of a sha256, enough to compare by eye. */
export const shortSha = (sha256: string): string => sha256.slice(0, 10)

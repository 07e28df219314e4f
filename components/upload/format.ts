const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** A size people can compare: `12 bytes`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  const value = bytes / 1000 ** step
  const digits = step === 0 || value >= 100 ? 0 : 1
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${bytes === 1 ? 'byte' : UNITS[step]}`
}

/** How long something still takes, roughly: `about 2 min`. */
export function formatRemaining(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 60) return `about ${Math.ceil(seconds / 10) * 10} s`
  if (seconds < 3600) return `about ${Math.ceil(seconds / 60)} min`
  return `about ${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 60)} min`
}

/** The beginning of a sha256, enough to compare by eye. */
export const shortSha = (sha256: string): string => sha256.slice(0, 10)

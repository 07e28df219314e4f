import { readFileSync, writeFileSync } from 'node:fs'

/** What a process has used since it started: processor time of all its threads, and bytes that went to the disk. */
export type ProcessUsage = { cpuSeconds: number; writtenBytes: number }

// Linux counts processor time in hundredths of a second (USER_HZ), on every architecture that Node runs on.
const TICKS_PER_SECOND = 100

/** The usage of a process of this machine, or null where /proc does not tell: it is gone, or belongs to somebody else. */
export function usageOf(pid: number): ProcessUsage | null {
  try {
    // The name in brackets may hold anything; what follows it are plain fields, the 14th and 15th being user and system time.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    const io = readFileSync(`/proc/${pid}/io`, 'utf8')
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      writtenBytes: Number(/^write_bytes: (\d+)$/m.exec(io)![1]),
    }
  } catch {
    return null
  }
}

/** The most memory that a process has held at once. */
export function peakBytesOf(pid: number | 'self'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)![1]) * 1024
}

/** Lets the most memory of a process be counted from now on. */
export function forgetPeakOf(pid: number): void {
  // What the kernel calls resetting the peak resident set size (proc(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What a file holds in which one secret is kept; undefined where there is none. A file that was left empty counts as none. */
export function readSecret(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Keeps a secret in a file that its owner alone may read, unless there is one: of several processes that do so, all find the first. */
export function keepSecret(file: string, secret: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  // Whole or not at all: one cut short by a power failure would be taken for another secret.
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, `${secret}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (readSecret(file) === undefined) renameSync(unfinished, file)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

/** The secret in a file, made where there is none. */
export function keptSecret(file: string, make: () => string): string {
  const kept = readSecret(file)
  if (kept !== undefined) return kept
  keepSecret(file, make())
  return readSecret(file)!
}

import { mkdirSync, openSync, closeSync, fsyncSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { config, dataDir } from '#lib/config.ts'
import { row, type Db } from '#lib/ingest/sql/sql.ts'
import { chainEnd, type ChainEnd } from './append.ts'

/** That the trail held an event of this number and hash at that time. */
export type Anchor = { number: string; hash: string; at: string }

const NAME = /^(\d{15})\.json$/

/** The folder of the anchors. A file in it is written once and never again, so it can be on storage that keeps what it has. */
export const anchorFolder = (): string => path.resolve(config().ONRAMP_AUDIT_ANCHORS ?? path.join(dataDir(), 'audit-anchors'))

export const anchorFile = (number: string, folder: string = anchorFolder()): string => path.join(folder, `${number.padStart(15, '0')}.json`)

/**
 * Writes down, outside of the database, where the trail ends now: whoever cuts the end off afterwards, in the database
 * alone, is found out. Gives false when the trail has not grown since the last anchor.
 */
export async function writeAnchor(db: Db, folder: string = anchorFolder()): Promise<boolean> {
  const end = await row<ChainEnd>(db, chainEnd)
  if (!end || end.number === '0') return false
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const anchor: Anchor = { number: end.number, hash: end.hash, at: new Date().toISOString() }
  try {
    writeOnce(anchorFile(end.number, folder), `${JSON.stringify(anchor)}\n`)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function writeOnce(file: string, text: string): void {
  const open = openSync(file, 'wx', 0o400)
  try {
    writeSync(open, text)
    fsyncSync(open)
  } finally {
    closeSync(open)
  }
}

/** The numbers of all anchors, in order. */
export function anchoredNumbers(folder: string = anchorFolder()): string[] {
  try {
    return readdirSync(folder).flatMap((name) => NAME.exec(name)?.[1] ?? []).sort().map((digits) => String(BigInt(digits)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** An anchor; null for one that a power failure left empty, which says nothing. Throws when somebody made it unreadable. */
export function readAnchor(number: string, folder: string = anchorFolder()): Anchor | null {
  const text = readFileSync(anchorFile(number, folder), 'utf8')
  if (text === '') return null
  const anchor = JSON.parse(text) as Anchor
  if (anchor.number !== number || !/^[0-9a-f]{64}$/.test(anchor.hash)) throw new Error(`anchor ${number} is not what was written`)
  return anchor
}

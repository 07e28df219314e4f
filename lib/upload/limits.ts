import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { MANIFEST_MAX_BYTES } from '#lib/contract/manifest.ts'

export const FILE_MAX_BYTES = 10 * 1024 ** 3
/** An upload that nobody went on with for so many days is given up. */
export const UNFINISHED_DAYS = 7

export const maxBytesOf = (name: string): number => (name === MANIFEST_NAME ? MANIFEST_MAX_BYTES : FILE_MAX_BYTES)

// Runs in the worker and in browsers: no Node APIs here.

export const UTF8_BOM: readonly number[] = [0xef, 0xbb, 0xbf]

/** Whether the bytes begin with UTF-8's byte order mark, which is skipped (contract rule 6). */
export function startsWithBom(bytes: Uint8Array): boolean {
  return UTF8_BOM.every((byte, i) => bytes[i] === byte)
}

/** Whether the beginning of a file is UTF-16: its byte order mark, or text whose every second byte is NUL. */
export function looksLikeUtf16(head: Uint8Array): boolean {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true
  const sample = head.subarray(0, 512)
  const nuls = [0, 0]
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) nuls[i % 2]!++
  return sample.length >= 8 && Math.max(nuls[0]!, nuls[1]!) > sample.length / 3 && Math.min(nuls[0]!, nuls[1]!) < sample.length / 16
}

const ARCHIVES: readonly [string, readonly number[]][] = [
  // An Excel workbook is one, too.
  ['a ZIP archive or an Excel workbook', [0x50, 0x4b, 0x03, 0x04]], ['an empty ZIP archive', [0x50, 0x4b, 0x05, 0x06]], ['compressed with gzip', [0x1f, 0x8b]],
  ['compressed with Zstandard', [0x28, 0xb5, 0x2f, 0xfd]], ['compressed with xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
]

/** What a file is that begins like that, when it is no text but something that holds files; else null. */
export function archiveOf(head: Uint8Array): string | null {
  return ARCHIVES.find(([, signature]) => signature.every((byte, i) => head[i] === byte))?.[0] ?? null
}

/** Checks that a stream of bytes is UTF-8, piece by piece. */
export class Utf8Check {
  // Of a character whose bytes are not all there yet: how many are missing, and the range the next one must be in.
  #missing = 0
  #low = 0x80
  #high = 0xbf
  // Its first byte, and how many were seen.
  #first = 0
  #seen = 0

  /**
   * The place of the first byte that begins no character, and the byte itself; null while there is none. It is below zero
   * when a piece before this one ended with it. Overlong forms and surrogates are no UTF-8.
   */
  check(bytes: Uint8Array): { at: number; byte: number } | null {
    const n = bytes.length
    for (let i = 0; i < n; i++) {
      const byte = bytes[i]!
      if (this.#missing === 0) {
        if (byte < 0x80) continue
        if (!this.#begin(byte)) return { at: i, byte }
        this.#first = byte
        this.#seen = 1
        continue
      }
      if (byte < this.#low || byte > this.#high) return { at: i - this.#seen, byte: this.#first }
      this.#seen++
      this.#missing--
      this.#low = 0x80
      this.#high = 0xbf
    }
    return null
  }

  /** How many bytes of a character that is not whole yet were seen. */
  get unfinished(): number {
    return this.#missing === 0 ? 0 : this.#seen
  }

  #begin(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    this.#low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
    this.#high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
    return true
  }
}

// Fields of a line for LOAD DATA, straight into its bytes.
const BACKSLASH = 0x5c, ZERO = 0x30, N = 0x4e

/** Writes a whole number from zero up, in digits. Like the others it gives the place behind what it wrote. */
export function putNumber(bytes: Buffer, at: number, value: number): number {
  let end = at + 1
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++
  let rest = value
  for (let i = end - 1; i >= at; i--) {
    const next = (rest / 10) | 0
    bytes[i] = ZERO + rest - next * 10
    rest = next
  }
  return end
}

/** Writes the first characters of an ASCII text. */
export function putAscii(bytes: Buffer, at: number, text: string, length: number): number {
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i)
  return at + length
}

/** Writes what LOAD DATA takes for NULL. */
export function putNull(bytes: Buffer, at: number): number {
  bytes[at] = BACKSLASH
  bytes[at + 1] = N
  return at + 2
}

/** Writes the bytes of a cell as they were sent, NULL for an empty one. */
export function putCell(bytes: Buffer, at: number, data: Buffer, from: number, to: number): number {
  if (from === to) return putNull(bytes, at)
  for (let i = from; i < to; i++) bytes[at++] = data[i]!
  return at
}

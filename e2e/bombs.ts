import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

const MB = 2 ** 20
// Nothing packs as small as this.
const inside = Buffer.alloc(32 * MB)
const packed = deflateRawSync(inside, { level: 9 })
const member = gzipSync(inside, { level: 9 })

/** Real gzip bytes that unpack to so many times 32 MB. */
export const gzipBomb = (times: number): Buffer => Buffer.concat(Array<Buffer>(times).fill(member))

/** A real ZIP archive of so many files of 32 MB each. */
export function zipBomb(times: number): Buffer {
  const facts = [crc32(inside), packed.length, inside.length]
  const entries = Array.from({ length: times }, (_, n) => {
    const name = Buffer.from(`suppliers-${n}.csv`)
    // Version, flags, method (deflate), time and date; then the facts and the length of the name.
    const common = (bytes: Buffer, at: number) => {
      bytes.writeUInt16LE(20, at)
      bytes.writeUInt16LE(8, at + 4)
      for (const [i, fact] of facts.entries()) bytes.writeUInt32LE(fact, at + 10 + 4 * i)
      bytes.writeUInt16LE(name.length, at + 22)
    }
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    common(local, 4)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50)
    common(central, 6)
    return { local: Buffer.concat([local, name, packed]), central, name }
  })
  const offsets = entries.map((_, n) => entries.slice(0, n).reduce((sum, { local }) => sum + local.length, 0))
  for (const [n, { central }] of entries.entries()) central.writeUInt32LE(offsets[n]!, 42)
  const directory = Buffer.concat(entries.flatMap(({ central, name }) => [central, name]))
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(times, 8)
  end.writeUInt16LE(times, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offsets.at(-1)! + entries.at(-1)!.local.length, 16)
  return Buffer.concat([...entries.map(({ local }) => local), directory, end])
}

/** JSON that is nested so deep. */
export const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

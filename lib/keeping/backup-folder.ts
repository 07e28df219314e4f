import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { UserError } from '#lib/errors.ts'

export const MANIFEST = 'backup.json'
export const DATABASE = 'database.sql.gz'
export const STAGING = 'staging'
export const AUDIT_KEY = 'audit-key'
export const STORE = 'store'
export const ANCHORS = 'audit-anchors'

const counts = z.record(z.string(), z.number())
const manifest = z.object({
  format: z.literal('onramp backup 1'),
  createdAt: z.string(),
  server: z.string(),
  /** What `_prisma_migrations` said: it is not in the dump, so that a database restored by half is never taken for whole. */
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  /** Where the audit trail ended: everything up to this event is in the backup, and nothing after it. */
  audit: z.object({ number: z.string(), hash: z.string(), keyId: z.string() }),
  books: z.object({ rows: counts, money: z.record(z.string(), z.string()) }),
  files: z.array(z.object({ path: z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/).refine((at) => !at.split('/').some((part) => part === '..' || part === '.')), bytes: z.number(), sha256: z.string() })),
})
export type Manifest = z.infer<typeof manifest>
export type BackedUpFile = Manifest['files'][number]

/** Makes the folder, which must not hold anything. Readable by its owner only: it will hold personal data. */
export async function makeFolder(folder: string): Promise<void> {
  const held = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (held.length > 0) throw new UserError('conflict', `${folder} is not empty. Name a folder that does not exist yet.`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** Writes a file of the backup: counted, hashed and on the disk when this ends. */
export async function writeFileOf(folder: string, name: string, source: Readable, ...through: Transform[]): Promise<BackedUpFile> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline([source, ...through, count, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })])
  return { path: name, bytes, sha256: hash.digest('hex') }
}

/** Last of all: a folder without it is no backup. */
export async function writeManifest(folder: string, content: Manifest): Promise<void> {
  await writeFileOf(folder, MANIFEST, Readable.from([Buffer.from(`${JSON.stringify(content, null, 2)}\n`)]))
}

/** Reads the manifest and every byte it lists. Throws with all that is missing or damaged. */
export async function readBackup(folder: string): Promise<Manifest> {
  const text = await readFile(path.join(folder, MANIFEST), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new UserError('not_found', `${folder} is no backup, or one that was cut short: it has no ${MANIFEST}.`)
    throw error
  })
  const read = manifest.safeParse(parsed(text))
  if (!read.success) throw new UserError('invalid_input', `${path.join(folder, MANIFEST)} cannot be read: ${read.error.issues[0]!.path.join('.')} ${read.error.issues[0]!.message}.`)
  const damaged: string[] = []
  for (const file of read.data.files) if (!(await isWhole(folder, file))) damaged.push(file.path)
  if (damaged.length > 0) throw new UserError('upload_damaged', `The backup is damaged; nothing was restored. Not what was written: ${damaged.join(', ')}.`)
  return read.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function isWhole(folder: string, { path: name, bytes, sha256 }: BackedUpFile): Promise<boolean> {
  const file = path.join(folder, name)
  const found = await stat(file).catch(() => null)
  if (!found?.isFile() || found.size !== bytes) return false
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex') === sha256
}

// Prisma's client from prisma/schema.prisma, unless it was made from the same schema. Its schema engine is not used by
// `generate`, and cannot be downloaded everywhere, so a stand-in is named for it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const marker = 'lib/generated/prisma/.generated-from'
const sources = ['prisma/schema.prisma', 'node_modules/prisma/package.json'].map((file) => readFileSync(file))
const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex')
if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) process.exit(0)

const { status, stdout, stderr } = spawnSync('node_modules/.bin/prisma', ['generate', '--no-hints'], {
  encoding: 'utf8',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
})
if (status !== 0) {
  console.error(stdout, stderr)
  process.exit(status ?? 1)
}
writeFileSync(marker, hash)

// Prisma's client from prisma/schema.prisma. Its schema engine is not used by `generate`, and cannot be downloaded
// everywhere, so a stand-in is named for it.
import { spawnSync } from 'node:child_process'

const { status } = spawnSync('node_modules/.bin/prisma', ['generate', '--no-hints'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
})
process.exit(status ?? 1)

import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { timesMs } from './lib/fuzz/times.ts'

// `server-only` throws outside of React's server build; what it marks is tested as plain modules.
const alias = { 'server-only': path.join(import.meta.dirname, 'node_modules/server-only/empty.js') }
// Those that move hundreds of megabytes take four seconds on a quiet machine, and several times that on a busy one.
const UNIT_MS = 30_000
const exclude = ['**/node_modules/**', '**/.next*/**', '**/.data*/**', 'e2e/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    // The driver below Prisma rejects a promise that it hands to nobody when a connection breaks while its session is set up; whoever
    // wanted the connection gets an error of his own.
    onUnhandledError: (error) => ('code' in error && error.code === 'ER_SETTING_SESSION_ERROR' ? false : undefined),
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['**/*.test.{ts,tsx}'], exclude: [...exclude, '**/*.db.test.ts'], environment: 'node', testTimeout: timesMs(UNIT_MS) } },
      {
        resolve: { alias },
        test: {
          name: 'db', include: ['**/*.db.test.ts'], exclude, environment: 'node',
          globalSetup: ['lib/db/testing-server.ts'], testTimeout: timesMs(120_000), hookTimeout: 120_000,
        },
      },
    ],
  },
})

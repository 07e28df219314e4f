import { spawn, type ChildProcessByStdio } from 'node:child_process'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { BenchServer } from './server.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** `flags`: of Node. `env`: settings beside those of this process and the server's. */
export type StartOptions = { signal: AbortSignal; flags?: readonly string[]; env?: Record<string, string> }

/** Starts a command of `onramp` on the server under test, in a process of its own. */
export function startOnramp(args: readonly string[], server: BenchServer, { signal, flags = [], env = {} }: StartOptions): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [...flags, path.join(root, 'workers/onramp.ts'), ...args], {
    cwd: root, env: { ...process.env, DATABASE_URL: server.url, ONRAMP_DATA_DIR: server.files, ...env }, stdio: ['ignore', 'pipe', 'inherit'], signal,
  })
}

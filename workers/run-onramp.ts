import { spawn } from 'node:child_process'
import path from 'node:path'

export type Ended = { code: number | null; stdout: string; stderr: string }

const root = path.resolve(import.meta.dirname, '..')

/**
 * Runs the command line as people do, in a process of its own, with `env` over the environment of this one. With `killAfterMs`
 * the process is killed then, if it has not ended before: `code` is null. When `signal` aborts it is killed, and this throws.
 */
export function runOnramp(args: readonly string[], env: Record<string, string> = {}, { killAfterMs, signal }: { killAfterMs?: number; signal?: AbortSignal } = {}): Promise<Ended> {
  const child = spawn(path.join(root, 'node_modules/.bin/node'), [path.join(root, 'workers/onramp.ts'), ...args],
    { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: killAfterMs, killSignal: 'SIGKILL', signal })
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => { ended.stdout += text.toString() })
  child.stderr.on('data', (text: Buffer) => { ended.stderr += text.toString() })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...ended, code }))
  })
}

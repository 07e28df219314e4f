import { spawn } from 'node:child_process'
import path from 'node:path'

export type Ended = { code: number | null; stdout: string; stderr: string }

/** Runs the command line as people do, in a process of its own. `env` replaces the settings of this process. */
export function runOnramp(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const inherited = { ...process.env }
  for (const name of ['DATABASE_URL', 'ONRAMP_DATA_DIR', 'ONRAMP_CONFIG', 'PORT', 'NEXTAUTH_URL', 'NODE_OPTIONS', 'NODE_ENV']) delete inherited[name]
  const root = path.resolve(import.meta.dirname, '..')
  const child = spawn(path.join(root, 'node_modules/.bin/node'), [path.join(root, 'workers/onramp.ts'), ...args], { cwd: root, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => { ended.stdout += text.toString() })
  child.stderr.on('data', (text: Buffer) => { ended.stderr += text.toString() })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...ended, code }))
  })
}

import { spawn } from 'node:child_process'
import path from 'node:path'

export type Finished = { code: number | null; stdout: string; stderr: string }

/** Runs the command line against the installation under test. */
export function onramp(...args: string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, '../workers/onramp.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const finished: Finished = { code: null, stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => { finished.stdout += chunk })
    child.stderr.on('data', (chunk) => { finished.stderr += chunk })
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...finished, code }))
  })
}

import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'

/** What the figures were measured on, and of what. */
export type Machine = { cores: number; cpu: string; memoryBytes: number; node: string; commit: string | null }

/** This machine, this Node and this commit; `+` behind the commit says that files differ from it. */
export function machine(): Machine {
  const processors = cpus()
  return { cores: processors.length, cpu: processors[0]?.model ?? 'unknown', memoryBytes: totalmem(), node: process.version, commit: commit() }
}

function commit(): string | null {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: path.resolve(import.meta.dirname, '../..'), encoding: 'utf8' })
  const head = git('rev-parse', '--short=12', 'HEAD')
  if (head.status !== 0) return null
  return head.stdout.trim() + (git('status', '--porcelain', '--untracked-files=no').stdout === '' ? '' : '+')
}

import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export type ChildOptions = {
  name: string
  /** What Node runs: a script and its arguments. */
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Where its output goes; absent: to our own stderr. */
  logFile?: string
  /** How long it may take to end after SIGTERM. */
  graceMs: number
  /** Called when it died too often to go on. */
  onGivenUp(message: string): void
}

export type Child = {
  pid(): number | undefined
  stop(): Promise<void>
}

// A child that dies this often within a minute will not get better by starting it once more.
const DEATHS_PER_MINUTE = 5
const RESTART_AFTER_MS = 1_000

// Should we be killed ourselves, the kernel tells our children to end (util-linux, part of every Debian).
const SETPRIV = '/usr/bin/setpriv'
const tied = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM'] : []

/** Runs a Node script and starts it again when it dies, until it is stopped. */
export function keepRunning({ name, args, env, logFile, graceMs, onGivenUp }: ChildOptions): Child {
  let stopping = false
  let deaths: number[] = []
  let child = start()

  function start(): ChildProcess {
    const output = logFile ? openSync(logFile, 'a') : 2
    // Detached: Ctrl-C reaches a whole process group, and the worker must see the portal go first.
    const [program, ...rest] = [...tied, process.execPath, ...args]
    const started = spawn(program!, rest, { env, stdio: ['ignore', output, output], detached: true })
    if (logFile) closeSync(output)
    started.once('exit', (code, signal) => void died(code, signal))
    return started
  }

  async function died(code: number | null, signal: string | null): Promise<void> {
    if (stopping) return
    const now = Date.now()
    deaths = [...deaths.filter((at) => at > now - 60_000), now]
    const how = signal ? `was killed (${signal})` : `ended with exit code ${code}`
    if (deaths.length >= DEATHS_PER_MINUTE) return onGivenUp(`The ${name} ${how}, ${deaths.length} times within a minute.${logFile ? ` See ${logFile}.` : ''}`)
    console.error(`The ${name} ${how}; starting it again.`)
    await sleep(RESTART_AFTER_MS)
    if (!stopping) child = start()
  }

  return {
    pid: () => child.pid,
    async stop() {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(late)
    },
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tally } from './tally.ts'

export type KeptOptions = {
  /** What it is called in numbers: a worker, the portal. */
  name: string
  /** What Node runs. */
  args: readonly string[]
  env: NodeJS.ProcessEnv
  logFile: string
  /** What it logs when it has started. */
  ready: string
  tally: Tally
  /** The fail point at which its next life ends or stands still, if any: `W12:invoice=kill`. */
  arm(): string | undefined
}

const AGAIN_AFTER_MS = 200
// Told to stop, a worker lets its loads end within six seconds, and the private server may be busy with others meanwhile.
const ENDS_WITHIN_MS = 15_000
// A life that was too short to do anything says nothing about the next.
const SHORT_LIFE_MS = 1_000
const MOST_SHORT_LIVES = 10

// Should the soak itself be killed, the kernel ends what it started (util-linux, part of every Debian).
const SETPRIV = '/usr/bin/setpriv'
const tied = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL'] : []

/** A process that is started again whenever it ends, however that happens, and that is made to end often. */
export class Kept {
  readonly name: string
  readonly #options: KeptOptions
  #child: ChildProcess
  #armed: string | undefined
  #told: NodeJS.Signals | undefined
  #startedMs = 0
  // Where in its log this life begins.
  #logFrom = 0
  #shortLives = 0
  #over = false

  constructor(options: KeptOptions) {
    this.name = options.name
    this.#options = options
    this.#child = this.#start()
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** `T` while it stands still; undefined when it is gone. */
  get state(): string | undefined {
    try {
      return readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ').at(-1)![0]
    } catch {
      return undefined
    }
  }

  #start(): ChildProcess {
    const { args, env, logFile, arm, tally, name } = this.#options
    this.#armed = arm()
    this.#told = undefined
    this.#startedMs = Date.now()
    const output = openSync(logFile, 'a')
    this.#logFrom = statSync(logFile).size
    const [program, ...rest] = [...tied, process.execPath, ...args]
    // A group of its own: Ctrl-C is for the soak alone.
    const child = spawn(program!, rest, { stdio: ['ignore', output, output], detached: true, env: { ...env, ONRAMP_FAILPOINT: this.#armed ?? '' } })
    closeSync(output)
    tally.count(`${name}: lives`)
    child.once('exit', (code, signal) => void this.#ended(code, signal))
    return child
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const { tally, name, logFile } = this.#options
    if (this.#over) return
    if (this.#armed && !this.#told) tally.count(`${name}: ended at a fail point`)
    // It asks the database before it is ready, and whoever runs it starts it again; and until then a signal ends it as any other process.
    else if (!this.#isReady() && (code === 1 || (this.#told === 'SIGTERM' && signal === 'SIGTERM'))) tally.count(`${name}: ended while it started`)
    else if (!this.#told) tally.problem(`${name} ended by itself (${signal ?? `exit code ${code}`}); see ${logFile}`)
    else if (this.#told === 'SIGTERM' && !this.#armed && code !== 0) tally.problem(`${name} was told to stop and ended with ${signal ?? `exit code ${code}`}; see ${logFile}`)
    const isShort = Date.now() - this.#startedMs < SHORT_LIFE_MS && !this.#told
    this.#shortLives = isShort ? this.#shortLives + 1 : 0
    if (this.#shortLives > MOST_SHORT_LIVES) return tally.problem(`${name} does not stay alive; see ${logFile}`)
    await sleep(AGAIN_AFTER_MS)
    if (!this.#over) this.#child = this.#start()
  }

  #isReady(): boolean {
    return readFileSync(this.#options.logFile).subarray(this.#logFrom).includes(this.#options.ready)
  }

  /** Sends a signal to the process. */
  signal(name: NodeJS.Signals): void {
    if (name === 'SIGKILL' || name === 'SIGTERM') this.#told ??= name
    try {
      process.kill(-this.pid, name)
    } catch {
      // It has just ended.
    }
  }

  /** Tells it to stop in order, and waits until it has. */
  async terminate(): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    const startedMs = Date.now()
    this.signal('SIGTERM')
    await Promise.race([ended, sleep(ENDS_WITHIN_MS, undefined, { ref: false })])
    if (child.exitCode === null && child.signalCode === null) {
      if (this.state !== 'T') this.#options.tally.problem(`${this.name} was told to stop and has not for ${ENDS_WITHIN_MS / 1000} seconds`)
      this.signal('SIGKILL')
    } else this.#options.tally.count(`${this.name}: milliseconds from SIGTERM to its end`, Date.now() - startedMs)
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    this.#over = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    this.signal('SIGKILL')
    await ended
  }
}

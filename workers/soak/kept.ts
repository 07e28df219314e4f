import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { hitIn, type FailpointHit } from '#lib/ingest/failpoint.ts'
import { judgeExit, type Told } from './exits.ts'
import { kindOf } from './kinds.ts'
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
  /** Told at the end of a life that came to its fail point. */
  onHit?(hit: FailpointHit): void
}

const AGAIN_AFTER_MS = 200
// C3. What it stands still meanwhile, by us or by its fail point, is not its own time.
const ENDS_WITHIN_MS = 10_000
// Told twice it ends at once, as soon as a machine that has much else to do lets it.
const ENDS_AT_ONCE_MS = 3_000
const TOLD_AGAIN_AFTER_MS = 300
const STANDS_STILL_AT_MOST_MS = 60_000
const LOOKS_EVERY_MS = 50
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
  #told: Told | undefined
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
    this.#told = undefined
    this.#startedMs = Date.now()
    const output = openSync(logFile, 'a')
    this.#logFrom = statSync(logFile).size
    const [program, ...rest] = [...tied, process.execPath, ...args]
    // A group of its own: Ctrl-C is for the soak alone.
    const child = spawn(program!, rest, { stdio: ['ignore', output, output], detached: true, env: { ...env, ONRAMP_FAILPOINT: arm() ?? '' } })
    closeSync(output)
    tally.count(`${name}: lives`)
    child.once('exit', (code, signal) => void this.#ended(code, signal))
    return child
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const { tally, name, logFile, ready, onHit } = this.#options
    const output = this.#output()
    const hit = hitIn(output)
    if (hit) {
      tally.count(kindOf.place(hit))
      tally.count(kindOf.action(name, hit))
      onHit?.(hit)
    }
    if (this.#over) return
    const judged = judgeExit({ code, signal, told: this.#told, isReady: output.includes(ready), hit })
    if ('counted' in judged) tally.count(`${name}: ${judged.counted}`)
    else tally.problem(`${name} ${judged.problem}; see ${logFile}`)
    const isShort = Date.now() - this.#startedMs < SHORT_LIFE_MS && !this.#told
    this.#shortLives = isShort ? this.#shortLives + 1 : 0
    if (this.#shortLives > MOST_SHORT_LIVES) return tally.problem(`${name} does not stay alive; see ${logFile}`)
    await sleep(AGAIN_AFTER_MS)
    if (!this.#over) this.#child = this.#start()
  }

  /** What this life has written. */
  #output(): string {
    return readFileSync(this.#options.logFile).subarray(this.#logFrom).toString()
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

  /** C3: tells it to stop in order, or, told twice, at once, and waits until it has. */
  async terminate(how: 'SIGTERM' | 'SIGTERM twice'): Promise<void> {
    const child = this.#child
    if (hasEnded(child)) return
    this.signal('SIGTERM')
    if (how === 'SIGTERM twice') {
      await this.#untilAwake(child)
      await sleep(TOLD_AGAIN_AFTER_MS)
      if (hasEnded(child)) return
      if (this.#told === 'SIGTERM') this.#told = how
      this.signal('SIGTERM')
    }
    const mostMs = how === 'SIGTERM' ? ENDS_WITHIN_MS : ENDS_AT_ONCE_MS
    const tookMs = await this.#timeToEnd(child, mostMs)
    const { tally, name } = this.#options
    if (tookMs !== undefined) return tally.most(`${name}: most milliseconds from ${how} to its end`, tookMs)
    tally.problem(`${name} was told ${how} and has not ended for ${mostMs / 1000} seconds`)
    this.signal('SIGKILL')
  }

  /** Two signals that wait for a process that stands still are one to it: it has to have heard the first. */
  async #untilAwake(child: ChildProcess): Promise<void> {
    for (let ms = 0; !hasEnded(child) && this.state === 'T' && ms < STANDS_STILL_AT_MOST_MS; ms += LOOKS_EVERY_MS) await sleep(LOOKS_EVERY_MS)
  }

  /** How long a process that was told to stop was at it; undefined when it took too long. */
  async #timeToEnd(child: ChildProcess, mostMs: number): Promise<number | undefined> {
    // Whoever fills its memory at a fail point hears nothing until it ends of that.
    const isHoarding = () => hitIn(this.#output())?.action === 'oom'
    let [awakeMs, stillMs] = [0, 0]
    for (let lookedMs = performance.now(); !hasEnded(child); lookedMs = performance.now()) {
      if (awakeMs > mostMs || stillMs > STANDS_STILL_AT_MOST_MS) return undefined
      await sleep(LOOKS_EVERY_MS)
      const passedMs = performance.now() - lookedMs
      if (this.state === 'T' || isHoarding()) stillMs += passedMs
      else awakeMs += passedMs
    }
    return Math.round(awakeMs)
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    this.#over = true
    const child = this.#child
    if (hasEnded(child)) return
    const ended = once(child, 'exit')
    this.signal('SIGKILL')
    await ended
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

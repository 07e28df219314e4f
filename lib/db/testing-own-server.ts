import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { startEmbedded, stopEmbedded } from './embedded.ts'
import { prepareDatabase } from './ensure.ts'

/** A private server of a test file's own, for what must not be done to the one that all files share. */
export type OwnServer = {
  /** The same after every start. */
  url: string
  /** Ends the server's process as the loss of its machine would. */
  kill(): Promise<void>
  /** Starts it again, with these options in the place of the earlier ones. */
  start(options?: readonly string[]): Promise<void>
  /** Shuts it down in order. */
  stop(): Promise<void>
}

/** Starts one with a migrated database. It is durable, and gone with its folder after the file's last test. */
export async function ownServer(options: readonly string[] = []): Promise<OwnServer> {
  const dir = mkdtempSync(path.join(tmpdir(), 'onramp-server-'))
  afterAll(async () => {
    await stopEmbedded(dir)
    rmSync(dir, { recursive: true, force: true })
  })
  process.env.ONRAMP_AUDIT_KEY ??= 'the audit key of every database of the tests'
  let server = await startEmbedded({ dir, keep: true, options })
  const { url } = server
  await prepareDatabase(url)
  process.env.DATABASE_URL = url
  return {
    url,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      while (isThere(server.pid)) await sleep(5)
    },
    async start(more = options) {
      server = await startEmbedded({ dir, keep: true, options: more })
      if (server.url !== url) throw new Error('the server came back on another port')
    },
    stop: async () => void await stopEmbedded(dir),
  }
}

/** False also for one that has ended and that nobody has collected yet. */
const isThere = (pid: number) => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`).length > 0

import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(`\0${name}`, () => resolve(server.unref()))
  })
}

/**
 * Runs `work` while no other process of this machine runs one under the same name.
 * The lock is a socket without a file: the kernel frees it when its process ends, however that happens.
 */
export async function onlyOne<T>(name: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs
  let lock = await listen(name)
  while (!lock) {
    if (Date.now() > deadline) throw new Error(`another process has been holding ${name} for ${Math.round(waitMs / 1000)} seconds`)
    await sleep(100)
    lock = await listen(name)
  }
  try {
    return await work()
  } finally {
    lock.close()
  }
}

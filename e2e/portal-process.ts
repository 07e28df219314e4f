import { readFileSync, readdirSync } from 'node:fs'

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Ended while we looked, or somebody else's.
    return ''
  }
}

function pidOf(what: string, isIt: (commandLine: string) => boolean): number {
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && isIt(textOf(`/proc/${pid}/cmdline`))
    && textOf(`/proc/${pid}/environ`).split('\0').includes(`NEXTAUTH_URL=${process.env.ONRAMP_E2E_URL}`))
  if (!found) throw new Error(`the process of the ${what} under test was not found`)
  return Number(found)
}

/** The process of the portal under test that answers. */
export const portalPid = (): number => pidOf('portal', (commandLine) => commandLine.startsWith('next-server'))

/** The process of the worker under test. */
export const workerPid = (): number => pidOf('worker', (commandLine) => commandLine.endsWith('/workers/onramp.ts\0worker\0'))

import { readFileSync, readdirSync } from 'node:fs'

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Ended while we looked, or somebody else's.
    return ''
  }
}

/** The process of the portal under test that answers. */
export function portalPid(): number {
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/cmdline`).startsWith('next-server')
    && textOf(`/proc/${pid}/environ`).split('\0').includes(`NEXTAUTH_URL=${process.env.ONRAMP_E2E_URL}`))
  if (!found) throw new Error('the process of the portal under test was not found')
  return Number(found)
}

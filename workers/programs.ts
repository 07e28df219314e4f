import path from 'node:path'
import { pathToFileURL } from 'node:url'

const root = path.resolve(import.meta.dirname, '..')
const file = (name: string) => path.join(root, name)

/** What Node runs as the portal of this installation; it listens at all addresses of the machine, or at `host` alone. */
export function portalProgram(port: number, { dev = false, host }: { dev?: boolean; host?: string } = {}): string[] {
  return ['--import', pathToFileURL(file('workers/prepare-portal.ts')).href, file('node_modules/next/dist/bin/next'), dev ? 'dev' : 'start', root, '-p', String(port), ...(host === undefined ? [] : ['-H', host])]
}

/** What Node runs as a worker. */
export const workerProgram: readonly string[] = [file('workers/onramp.ts'), 'worker']

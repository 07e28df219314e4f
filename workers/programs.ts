import path from 'node:path'
import { pathToFileURL } from 'node:url'

const root = path.resolve(import.meta.dirname, '..')
const file = (name: string) => path.join(root, name)

/** What Node runs as the portal of this installation. */
export function portalProgram(port: number, { dev = false } = {}): string[] {
  return ['--import', pathToFileURL(file('workers/prepare-portal.ts')).href, file('node_modules/next/dist/bin/next'), dev ? 'dev' : 'start', root, '-p', String(port)]
}

/** What Node runs as a worker. */
export const workerProgram: readonly string[] = [file('workers/onramp.ts'), 'worker']

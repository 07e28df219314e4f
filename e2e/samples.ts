import { existsSync, globSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

/** The folder of the load that the project brings itself. */
export const bundledSample = folderOf(path.join(root, 'fixtures/sample'))!

/** The shared samples (`small-real`, `small-dirty`), where they lie beside the checkout. */
export function sharedSample(name: 'small-real' | 'small-dirty'): string | undefined {
  return folderOf(path.join(root, '../shared/samples', name))
}

function folderOf(sample: string): string | undefined {
  if (!existsSync(sample)) return undefined
  const [manifest] = globSync('imports/*/*/*/manifest.json', { cwd: sample })
  return manifest && path.join(sample, path.dirname(manifest))
}

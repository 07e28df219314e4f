// Builds the portal, unless the last build was made from the same sources. `--force` builds in any case and shows what Next says.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const SOURCES = [
  'app', 'components', 'lib', 'public', 'instrumentation.ts', 'next.config.ts', 'postcss.config.mjs', 'proxy.ts', 'package-lock.json', 'prisma/schema.prisma',
]
const force = process.argv.includes('--force')
const marker = path.join(process.env.ONRAMP_DIST_DIR ?? '.next', 'built-from')

function filesBelow(entry) {
  if (!existsSync(entry)) return []
  if (statSync(entry).isFile()) return [entry]
  return readdirSync(entry).sort().flatMap((name) => filesBelow(path.join(entry, name)))
}

function sourcesHash() {
  const hash = createHash('sha256').update(process.version)
  for (const file of SOURCES.flatMap(filesBelow)) {
    if (/\.test\.tsx?$/.test(file) || file.startsWith(path.join('lib', 'generated'))) continue
    hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function run(script, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8', stdio: ['ignore', force ? 2 : 'pipe', force ? 2 : 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  })
  if (status === 0) return
  console.error(stdout ?? '', stderr ?? '')
  process.exit(status ?? 1)
}

const sources = sourcesHash()
if (!force && existsSync(marker) && readFileSync(marker, 'utf8') === sources) process.exit(0)
console.error('Building the portal …')
rmSync(marker, { force: true })
run('scripts/generate.mjs')
run('node_modules/next/dist/bin/next', 'build')
writeFileSync(marker, sources)

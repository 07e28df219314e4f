import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#lib/http/free-port.ts'
import { readSecret } from '#lib/secret-file.ts'
import { portalProgram } from '../workers/programs.ts'
import { buildFolder, readBuild } from './addresses.ts'

const root = path.resolve(import.meta.dirname, '..')
const READY_WITHIN_MS = 120_000
// Kept by builds for the next one; nothing of it is served.
const NOT_SERVED = new Set(['build', 'cache', 'diagnostics', 'lock', 'trace', 'trace-build', 'turbopack', 'types'])

export type SecondPortal = { address: string; stop(): Promise<void> }

/**
 * Another portal beside the one under test, with its secrets: on that database, serving the build in that folder, for browsers
 * that reach it under that address (the one under test unless told).
 */
export async function startSecondPortal(name: string, databaseUrl: string, build: string, publicAddress = process.env.ONRAMP_E2E_URL!): Promise<SecondPortal> {
  const port = await freePort()
  const address = `http://localhost:${port}`
  const dataDir = process.env.ONRAMP_DATA_DIR!
  const log = openSync(path.join(dataDir, `${name}.log`), 'a')
  const portal = spawn(process.execPath, portalProgram(port), {
    cwd: root, stdio: ['ignore', log, log],
    env: {
      ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ONRAMP_DIST_DIR: path.relative(root, build), DATABASE_URL: databaseUrl, PORT: String(port),
      NEXTAUTH_URL: publicAddress, NEXTAUTH_SECRET: process.env.NEXTAUTH_SECRET ?? readSecret(path.join(dataDir, 'session-secret')),
    },
  })
  const stop = async () => {
    if (portal.exitCode !== null || portal.signalCode !== null) return
    const ended = once(portal, 'exit')
    portal.kill('SIGKILL')
    await ended
  }
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await fetch(`${address}/icon.svg`).then(({ ok }) => ok, () => false))) {
    if (portal.exitCode === null && Date.now() < deadline) {
      await sleep(100)
      continue
    }
    await stop()
    throw new Error(`the second portal does not start; see ${path.join(dataDir, `${name}.log`)}`)
  }
  return { address, stop }
}

/** A copy of the build under test that knows nothing of proxy.ts, made of hard links. Gives its folder. */
export function buildWithoutProxy(): string {
  const copy = `${buildFolder}-without-proxy`
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy)
  for (const entry of readdirSync(buildFolder)) if (!NOT_SERVED.has(entry)) execFileSync('cp', ['-al', path.join(buildFolder, entry), copy])
  // Next runs a proxy when this manifest has its matchers, and middleware of the edge when the other one does.
  const functions = readBuild<{ functions: Record<string, unknown> }>('server/functions-config-manifest.json')
  const edge = readBuild<{ middleware: object }>('server/middleware-manifest.json')
  if (!('/_middleware' in functions.functions) || Object.keys(edge.middleware).length > 0) throw new Error('the build keeps its proxy elsewhere')
  const manifest = path.join(copy, 'server/functions-config-manifest.json')
  delete functions.functions['/_middleware']
  rmSync(manifest)
  writeFileSync(manifest, JSON.stringify(functions))
  return copy
}

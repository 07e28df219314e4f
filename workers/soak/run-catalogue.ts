import { spawn } from 'node:child_process'
import { appendFileSync, createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import path from 'node:path'
import { BY_SOAK, BY_TESTS, catalogue, countsItself, suiteOf, timesOf, type Entry, type Tests } from './catalogue.ts'

export type CatalogueOptions = { folder: string; seed: number; /** Ids; all where there are none. */ only: readonly string[]; most: number; signal: AbortSignal; tell(line: string): void }
/** What became of one run of tests. */
type Ran = { passed: number; failed: number; code: number | null }

const root = path.resolve(import.meta.dirname, '../..')
const bins = path.join(root, 'node_modules/.bin')
// Each of them is as long as it is told to be.
const TEST_TIMEOUT_MS = 24 * 3_600_000

/** Runs the tests of the catalogue's entries as often as a soak has to, and tells what became of each. False when one failed. */
export async function runCatalogue(options: CatalogueOptions): Promise<boolean> {
  const { folder, only, seed, most, tell } = options
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const wanted = catalogue.filter(({ id }) => only.length === 0 || only.includes(id))
  tell(`Seed ${seed}. What the tests say is in ${folder}.`)
  const failed: string[] = []
  for (const entry of wanted) {
    const startedMs = performance.now()
    const { counted, problem } = await runEntry(entry, options)
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
    tell(`${entry.id.padEnd(4)} ${problem ? 'FAILED' : 'PASSED'} ${counted} in ${seconds} s: ${entry.what}${problem ? `. ${problem}` : ''}`)
    if (problem) failed.push(entry.id)
  }
  const left = catalogue.filter((entry) => !wanted.includes(entry)).map(({ id }) => id)
  if (left.length > 0) tell(`Left out: ${left.join(', ')}.`)
  tell(`Not here: ${BY_SOAK.join(', ')}, which \`npm run soak -- --minutes 30\` does, and ${BY_TESTS.join(', ')}, which \`npm test\` does in full.`)
  const capped = wanted.filter((entry) => timesOf(entry, most) < timesOf(entry)).map(({ id }) => id)
  if (capped.length > 0) tell(`Done less often than a soak has to: ${capped.join(', ')}.`)
  tell(failed.length === 0 ? `PASSED: ${wanted.length} entries with seed ${seed}.` : `FAILED with seed ${seed}: ${failed.join(', ')}.`)
  return failed.length === 0
}

async function runEntry(entry: Entry, options: CatalogueOptions): Promise<{ counted: string; problem?: string }> {
  const times = timesOf(entry, options.most)
  let passed = 0
  for (const tests of entry.tests) {
    const own = countsItself(readFileSync(path.join(root, tests.file), 'utf8'))
    for (let i = 0; i < (own ? 1 : times); i++) {
      const seed = options.seed + i
      const ran = await runTests(entry, tests, { seed, times: own ? times : 1 }, options)
      passed += ran.passed
      const counted = `${(times * entry.plain).toLocaleString('en-US')} (${times} × ${entry.plain.toLocaleString('en-US')})`
      const problem = problemOf(ran)
      if (problem) return { counted, problem: `${tests.file}${tests.only ? ` “${tests.only}”` : ''} with SEED=${seed}: ${problem}; see ${logOf(entry, options)}` }
    }
  }
  return { counted: `${(times * entry.plain).toLocaleString('en-US')} (${times} × ${entry.plain.toLocaleString('en-US')}) by ${passed.toLocaleString('en-US')} tests` }
}

/** Nothing that ran is no success. */
export function problemOf({ passed, failed, code }: Ran): string | undefined {
  if (failed > 0) return `${failed} tests failed`
  if (code !== 0) return `ended with ${code}`
  return passed > 0 ? undefined : 'there was no such test'
}

const logOf = ({ id }: Entry, { folder }: CatalogueOptions) => path.join(folder, `${id}.log`)

async function runTests(entry: Entry, { file, only }: Tests, { seed, times }: { seed: number; times: number }, options: CatalogueOptions): Promise<Ran> {
  const report = path.join(options.folder, 'report.json')
  rmSync(report, { force: true })
  const suite = suiteOf(file)
  const name = only?.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const [program, ...args] = suite === 'e2e'
    ? ['playwright', 'test', file, '--workers=1', '--reporter=list,json', ...(name ? ['--grep', name] : [])]
    : ['vitest', 'run', '--project', suite, file, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, `--testTimeout=${TEST_TIMEOUT_MS}`, `--hookTimeout=${TEST_TIMEOUT_MS}`, ...(name ? ['-t', name] : [])]
  const log = logOf(entry, options)
  appendFileSync(log, `\n── ${file}${only ? ` “${only}”` : ''}, SEED=${seed}, ONRAMP_TEST_TIMES=${times} ──\n`)
  const output = createWriteStream(log, { flags: 'a' })
  const env = { ...process.env, PATH: [bins, process.env.PATH].join(path.delimiter), SEED: String(seed), ONRAMP_TEST_TIMES: String(times), PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const child = spawn(path.join(bins, program!), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env, signal: options.signal })
  child.stdout.pipe(output, { end: false })
  child.stderr.pipe(output, { end: false })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  output.end()
  await finished(output)
  return { ...counted(suite, report), code }
}

/** What the reporters of the two test runners counted; nothing where there is no report. */
function counted(suite: 'unit' | 'db' | 'e2e', report: string): { passed: number; failed: number } {
  try {
    const found = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number; stats: { expected: number; unexpected: number; flaky: number } }
    if (suite === 'e2e') return { passed: found.stats.expected, failed: found.stats.unexpected + found.stats.flaky }
    return { passed: found.numPassedTests, failed: found.numFailedTests }
  } catch {
    return { passed: 0, failed: 0 }
  }
}

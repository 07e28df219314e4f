// Runs every suite and adds up what passed and failed. `npm test -- unit db` runs only those named.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const reports = mkdtempSync(path.join(tmpdir(), 'onramp-test-'))
const bins = path.resolve('node_modules/.bin')
// Our own Node first, also when this is not started by npm.
const PATH = [bins, process.env.PATH].join(path.delimiter)
const bin = (name) => path.join(bins, name)
const reportOf = (name) => path.join(reports, `${name}.json`)

/** Types and lint count as one test each: they hold or they do not. */
const asOneTest = (name, script) => ({
  name, command: ['npm', ['run', '--silent', script]], count: (code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
})

const vitest = (name) => ({
  name, command: [bin('vitest'), ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(name)}`]],
  count() {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(reportOf(name), 'utf8'))
    // A file that does not even load has no tests to fail.
    const broken = testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    return { passed: numPassedTests, failed: numFailedTests + broken.length }
  },
})

const playwright = (name) => ({
  name, command: [bin('playwright'), ['test', '--reporter=list,json']], env: { PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf(name) },
  count() {
    const { stats, errors } = JSON.parse(readFileSync(reportOf(name), 'utf8'))
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length }
  },
})

const suites = [asOneTest('types', 'types'), asOneTest('lint', 'lint'), vitest('unit'), vitest('db'), playwright('e2e')]

function run([command, args], env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, PATH, ...env } })
    child.on('error', (error) => { console.error(error.message); resolve(1) })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** What a suite counted. One that crashed, or failed without naming a test, counts as one failure. */
function counted(suite, code) {
  try {
    const { passed, failed } = suite.count(code)
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name))
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}: the suites are ${suites.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

const results = []
for (const suite of suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n── ${suite.name} ──`)
  const started = Date.now()
  const code = await run(suite.command, suite.env)
  results.push({ name: suite.name, ...counted(suite, code), seconds: (Date.now() - started) / 1000 })
}
rmSync(reports, { recursive: true, force: true })

console.log('')
for (const { name, passed, failed, seconds } of results) {
  console.log(`${name.padEnd(6)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed  ${seconds.toFixed(1)} s`)
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
console.log(`${total('passed')} passed, ${total('failed')} failed`)
process.exit(total('failed') > 0 ? 1 : 0)

// Runs every suite and adds up what passed and failed. `npm test -- unit db` runs only those named.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const reports = mkdtempSync(path.join(tmpdir(), 'onramp-test-'))
const bins = path.resolve('node_modules/.bin')
// Our own Node first, also when this is not started by npm.
const PATH = [bins, process.env.PATH].join(path.delimiter)
const bin = (name) => path.join(bins, name)
const reportOf = (name) => path.join(reports, `${name}.json`)

const MOST_LINES = 30
/** A failure as it is told again at the end: where, and the beginning of what it said. */
const failure = (where, said = '') => [`✗ ${where}`, ...stripVTControlCharacters(said).split('\n').slice(0, MOST_LINES).map((line) => `    ${line}`)].join('\n')

/** Types and lint count as one test each: they hold or they do not. */
const asOneTest = (name, script) => ({
  name, command: ['npm', ['run', '--silent', script]],
  count: (code) => (code === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [failure(`npm run ${script}`)] }),
})

const vitest = (name) => ({
  name, command: [bin('vitest'), ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(name)}`]],
  count() {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(reportOf(name), 'utf8'))
    const failures = testResults.flatMap(({ name: file, status, message, assertionResults }) => {
      const where = path.relative('.', file)
      const failed = assertionResults.filter((test) => test.status === 'failed')
      // A file that does not even load has no tests to fail.
      if (status === 'failed' && failed.length === 0) return [failure(where, message)]
      return failed.map((test) => failure(`${where} › ${test.fullName}`, test.failureMessages.join('\n')))
    })
    return { passed: numPassedTests, failures }
  },
})

const playwright = (name) => ({
  name, command: [bin('playwright'), ['test', `--project=${name}`, '--reporter=list,json']], env: { PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf(name) },
  count() {
    const { stats, suites, errors } = JSON.parse(readFileSync(reportOf(name), 'utf8'))
    const specs = (suite) => [...suite.specs, ...(suite.suites ?? []).flatMap(specs)]
    const failures = suites.flatMap(specs).filter((spec) => !spec.ok).map(({ file, line, title, tests }) =>
      failure(`e2e/${file}:${line} › ${title}`, tests.flatMap((test) => test.results).flatMap((result) => result.errors).map((error) => error.message).join('\n')))
    return { passed: stats.expected, failures: [...failures, ...errors.map((error) => failure('e2e', error.message))] }
  },
})

const suites = [asOneTest('types', 'types'), asOneTest('lint', 'lint'), vitest('unit'), vitest('db'), playwright('e2e'), playwright('heavy')]

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
    const { passed, failures } = suite.count(code)
    return { passed, failures: code !== 0 && failures.length === 0 ? [failure(`${suite.name} ended with ${code} without naming a test`)] : failures }
  } catch (error) {
    return { passed: 0, failures: [failure(`${suite.name} ended with ${code} and left no report`, error.message)] }
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

const failures = results.flatMap((result) => result.failures)
// Once more, beneath everything: a log is read from its end.
if (failures.length > 0) console.log(`\n── failed ──\n${failures.join('\n\n')}`)
console.log('')
for (const { name, passed, failures, seconds } of results) {
  console.log(`${name.padEnd(6)} ${String(passed).padStart(5)} passed ${String(failures.length).padStart(4)} failed  ${seconds.toFixed(1)} s`)
}
console.log(`${results.reduce((sum, { passed }) => sum + passed, 0)} passed, ${failures.length} failed`)
process.exit(failures.length > 0 ? 1 : 0)

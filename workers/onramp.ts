import { UserError } from '#lib/errors.ts'
import { forTerminal } from '#lib/http/loggable.ts'
import { helpOf, readArguments, type Command } from './command.ts'

// Each command is read only when it is called: `onramp db url` should not wait for the pipeline to load.
const commands: Record<string, () => Promise<{ default: Command }>> = {
  load: () => import('./commands/load.ts'),
  rerun: () => import('./commands/rerun.ts'),
  report: () => import('./commands/report.ts'),
  worker: () => import('./commands/worker.ts'),
  serve: () => import('./commands/serve.ts'),
  demo: () => import('./commands/demo.ts'),
  user: () => import('./commands/user.ts'),
  db: () => import('./commands/db.ts'),
  audit: () => import('./commands/audit.ts'),
  retention: () => import('./commands/retention.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  bench: () => import('./commands/bench.ts'),
  soak: () => import('./commands/soak.ts'),
  sample: () => import('./commands/sample.ts'),
}

async function overview(): Promise<string> {
  const lines = await Promise.all(Object.entries(commands).map(async ([name, load]) => {
    const { default: command } = await load()
    return `  ${name.padEnd(11)}${command.summary}`
  }))
  return ['onramp <command> [options]', '', ...lines, '', 'onramp <command> --help tells more. Settings come from the environment or onramp.yaml.'].join('\n')
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(await overview())
    return name === undefined ? 1 : 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!load) throw new UserError('invalid_input', `There is no command ${JSON.stringify(name)}. \`onramp help\` lists them.`)
  const { default: command } = await load()
  if (args.includes('--help') || args.includes('-h')) {
    console.log(helpOf(name, command))
    return 0
  }
  return command.run(readArguments(name, command, args))
}

// The pipe behind us was closed (`onramp report … | head`): nobody is left to tell, and the command ends as it would have.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(1)
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof UserError ? error.message : forTerminal(error))
  if (process.argv.includes('--json')) await import('./not-run-report.ts').then(({ reportNotRun }) => reportNotRun(process.argv.slice(2), error))
  process.exitCode = 1
}

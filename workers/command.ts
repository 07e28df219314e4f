import path from 'node:path'
import { parseArgs } from 'node:util'
import { UserError } from '#lib/errors.ts'

/** An option of the command line: `--name` or `--name VALUE` (`value` is what the help calls it). */
export type Option = { type: 'boolean'; help: string } | { type: 'string'; value: string; help: string }
export type Options = { readonly [name: string]: Option }
type Values<O extends Options> = { [K in keyof O]?: O[K] extends { type: 'boolean' } ? boolean : string }
export type Input<O extends Options = Options> = { values: Values<O>; positionals: string[] }

export type Command<O extends Options = Options> = {
  /** One line for the list of commands. */
  summary: string
  /** What follows the command's name: `<folder> [options]`. */
  usage: string
  /** More lines for `--help`: exit codes, examples. */
  details?: string
  options: O
  /** How many positional arguments it takes. */
  positionals: { min: number; max: number }
  /** Does it, and gives the exit code. Results go to stdout, everything else to stderr. */
  run(input: Input<O>): Promise<number>
}

/** Declares a command of the command line. */
export function command<const O extends Options>(definition: Command<O>): Command<O> {
  return definition
}

/** The options and arguments that follow the command's name. Throws `invalid_input` for what the command does not take. */
export function readArguments<O extends Options>(name: string, { options, positionals: count }: Command<O>, args: string[]): Input<O> {
  const parsed = parse(name, options, args)
  const { min, max } = count
  const given = parsed.positionals.length
  if (given < min) throw new UserError('invalid_input', `${name} needs ${min === 1 ? 'an argument' : `${min} arguments`}. See \`onramp ${name} --help\`.`)
  if (given > max) throw new UserError('invalid_input', `${name} takes no argument ${JSON.stringify(parsed.positionals[max])}. See \`onramp ${name} --help\`.`)
  return parsed as Input<O>
}

function parse(name: string, options: Options, args: string[]) {
  const types = Object.fromEntries(Object.entries(options).map(([key, { type }]) => [key, { type }]))
  try {
    return parseArgs({ args, options: types, allowPositionals: true, strict: true })
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ')
    throw new UserError('invalid_input', `${sentence}. See \`onramp ${name} --help\`.`, undefined, { cause: error })
  }
}

/** A file or folder of the command line, as whoever typed it means it: npm changes into the checkout first. */
export function fromHere(file: string): string {
  const { INIT_CWD, npm_lifecycle_event: script } = process.env
  return path.resolve(INIT_CWD !== undefined && (script === 'onramp' || script === 'bench') ? INIT_CWD : '.', file)
}

/** The text of `onramp <name> --help`. */
export function helpOf(name: string, { summary, usage, details, options }: Command): string {
  const lines = Object.entries(options).map(([key, option]) =>
    [`  --${key}${option.type === 'string' ? ` ${option.value}` : ''}`, option.help] as const)
  const width = Math.max(0, ...lines.map(([flag]) => flag.length)) + 2
  const list = lines.map(([flag, help]) => flag.padEnd(width) + help)
  return [`onramp ${name} ${usage}`.trim(), '', summary, ...(list.length ? ['', ...list] : []), ...(details ? ['', details] : [])].join('\n')
}

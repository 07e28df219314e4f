import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

export type FoundRegex = { file: string; source: string; flags: string }

// After these signs, or these words, a slash begins a pattern and not a division.
const LITERAL = /(?<=(?:[=(,:?!&|;[]|=>|\breturn)\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)/g
const COMMENT = /^\s*(?:\/\/|\/?\*)/

/** Every pattern written in our sources below `folders`, tests aside. */
export function regexesIn(root: string, folders: readonly string[]): FoundRegex[] {
  const files = folders.flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)))
  return files.filter((file) => /\.(?:tsx?|mjs)$/.test(file) && !/\.test\.|[/\\]testing|lib[/\\](?:fuzz|generated)[/\\]/.test(file)).sort().flatMap((file) => {
    const code = readFileSync(path.join(root, file), 'utf8').split('\n').filter((line) => !COMMENT.test(line)).join('\n')
    return [...code.matchAll(LITERAL)].map(([, source, flags]) => ({ file, source: source!, flags: flags! }))
  })
}

const LENGTH = 100_000
const UNITS = [
  'a', 'A', '0', '9', ' ', '\t', '\n', '\r', '\r\n', '\0', '.', ',', '-', '_', '=', '+', '@', '"', "'", '\\', '/', '(', '[', '{', '$', '%', '\u00a0', 'é', 'e\u0301', '😀', '\ud800',
  '1,', '1,234', '0.', 'a.', 'a@', 'a@a.', 'a-', ' a', '- ', '..', '"",', '\\N', 'x1', ' \n', '\n\n', '=\t', "'=", 'at ', '<a>', 'a/', '../',
]

/** Long texts that begin like something a pattern wants and do not end so, among them repetitions of the pattern's own signs. */
export function hostileTexts({ source }: FoundRegex, length = LENGTH): string[] {
  const own = [...new Set(source.replace(/\\[a-zA-Z]|[\^$()[\]{}?*+|\\]/g, ' ').split(/\s+/).filter(Boolean))].slice(0, 6)
  const units = [...UNITS, ...own, ...own.map((word) => `${word} `), ...own.map((word) => `${word}0`)]
  return units.flatMap((unit) => {
    const long = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
    return [long, `${long}\u0007`, `a1 ${long}!`]
  })
}

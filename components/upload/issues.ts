import { MANIFEST_NAME } from '#lib/contract/index.ts'
import type { SummaryError } from './error-summary.tsx'
import type { ChosenFiles } from './use-chosen-files.ts'

export const rowId = (name: string) => `file-${name}`

const notRead = (name: string, reading: string) => reading === 'unreadable'
  ? `${name} could not be read. It was moved, changed or locked since you chose it. Choose it again.`
  : `${name} could not be checked here, which should not happen. Choose it again; if it stays, report it.`

/** What keeps the chosen files from being sent, each with the row it belongs to. */
export function blocking(chosen: ChosenFiles): SummaryError[] {
  const found: SummaryError[] = []
  for (const path of chosen.twice) found.push({ message: `${path}: the same file name comes twice in what you added, so neither was taken. Add one folder at a time.`, target: 'add-files' })
  for (const line of chosen.lines) {
    const target = rowId(line.entity.name)
    for (const message of line.problems) found.push({ message, target })
    for (const { name, reading } of chosen.files.filter((f) => line.files.some(({ name }) => name === f.name))) {
      if (reading === 'unreadable' || reading === 'broken') found.push({ message: notRead(name, reading), target })
    }
  }
  for (const message of manifestProblems(chosen)) found.push({ message, target: rowId(MANIFEST_NAME) })
  return found
}

/** What is wrong with the manifest itself. One made from the files has no faults of its own. */
export function manifestProblems({ manifest, makeSince }: ChosenFiles): string[] {
  if (makeSince) return []
  if (!manifest) return ['manifest.json is missing. Choose it, or create one from these files.']
  if (manifest.reading === 'unreadable' || manifest.reading === 'broken') return [notRead(MANIFEST_NAME, manifest.reading)]
  const problems = manifest.inspected?.problems ?? []
  return problems.map(({ code, message }) => code === 'load_id_differs'
    ? `manifest.json is for load “${manifest.inspected!.loadId}”, which is not the load id you chose.`
    : message)
}

/** What the person should know before sending, and may accept. */
export function warnings(chosen: ChosenFiles): { name: string; message: string }[] {
  const ofFiles = chosen.lines.flatMap((line) => line.warnings.map((message) => ({ name: line.sendAs, message })))
  const empty = chosen.lines.filter((line) => line.files[0]?.inspected?.records === 0)
  return [...ofFiles, ...empty.map((line) => ({ name: line.sendAs, message: 'The file has no rows: nothing of it will be loaded.' }))]
}

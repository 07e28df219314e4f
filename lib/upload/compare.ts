import type { Problem } from '#lib/contract/codes.ts'
import { entities, type Entity } from '#lib/contract/index.ts'
import type { Listed } from '#lib/contract/manifest.ts'
import type { InspectedCsv } from './inspect.ts'

/** A chosen file: its name in the contract, and what reading it gave (null while it is read). */
export type ChosenCsv = { name: string; inspected: InspectedCsv | null }
/** One entity's file against its line of the manifest. Agreement is null where one side is missing or not read yet. */
export type Line = {
  entity: Entity
  /** The name under which the file is sent: the manifest's, for a file of the same entity under its other name. */
  sendAs: string
  files: ChosenCsv[]
  listed: Listed | null
  rowsAgree: boolean | null
  sha256Agree: boolean | null
  problems: string[]
  warnings: string[]
  /** Name, rows and sha256 agree and nothing is wrong with the file. */
  verified: boolean
  /** The file may be added as an empty one in one click. */
  mayAddEmpty: boolean
}

const rows = (n: number) => `${n.toLocaleString('en-US')} ${n === 1 ? 'row' : 'rows'}`

/** Compares the chosen files with the manifest, entity by entity. `listed` is null while there is no readable manifest. */
export function compare(chosen: readonly ChosenCsv[], listed: readonly Listed[] | null): Line[] {
  return entities.map((entity) => {
    const files = chosen.filter(({ name }) => name === entity.file || entity.aliases.includes(name))
    const entry = listed?.find((each) => each.entity === entity.name) ?? null
    const inspected = files.length === 1 ? files[0]!.inspected : null
    const rowsAgree = inspected && entry && entry.rows !== null ? inspected.records === entry.rows : null
    const sha256Agree = inspected && entry && entry.sha256 !== null ? inspected.sha256 === entry.sha256 : null
    const problems = [
      ...presence(entity, files, entry),
      ...(inspected?.problems ?? []).map((problem: Problem) => problem.message),
      ...disagreements(inspected, entry, rowsAgree, sha256Agree),
    ]
    return {
      entity, sendAs: entry?.name ?? files[0]?.name ?? entity.file, files, listed: entry, rowsAgree, sha256Agree, problems,
      warnings: inspected?.warnings ?? [],
      verified: rowsAgree === true && sha256Agree === true && problems.length === 0,
      mayAddEmpty: files.length === 0 && entity.mayBeEmpty,
    }
  })
}

function presence(entity: Entity, files: readonly ChosenCsv[], entry: Listed | null): string[] {
  if (files.length > 1) return [`${files.map((f) => f.name).join(' and ')} are the same file under two names. Take one of them out.`]
  if (files.length === 1) return []
  if (!entity.mayBeEmpty) return [`${entity.file} is missing. Customers may not be left out.`]
  if (entry?.rows) return [`${entry.name} is missing; the manifest says that it has ${rows(entry.rows)}.`]
  return [`${entry?.name ?? entity.file} is missing. Choose it, or add it as an empty file.`]
}

function disagreements(inspected: InspectedCsv | null, entry: Listed | null, rowsAgree: boolean | null, sha256Agree: boolean | null): string[] {
  const problems: string[] = []
  const unreadable = (inspected?.problems.length ?? 0) > 0
  if (rowsAgree === false && !unreadable) {
    problems.push(`${entry!.name} has ${rows(inspected!.records)}, the manifest says ${entry!.rows!.toLocaleString('en-US')}. Ask the partner for a new file or correct the manifest.`)
  }
  if (sha256Agree === false) {
    problems.push(`${entry!.name} is not the file that the manifest was made for: its sha256 differs. Ask the partner for both again, or create a manifest from these files.`)
  }
  return problems
}

export type NewManifest = { load_id: string; created_at: string; schema_version: 'v1'; files: { name: string; rows: number; sha256: string }[] }

/** The manifest of exactly these files, in load order. */
export function manifestOf(loadId: string, files: readonly { name: string; inspected: InspectedCsv }[], now: Date): NewManifest {
  return {
    load_id: loadId,
    created_at: now.toISOString(),
    schema_version: 'v1',
    files: files.map(({ name, inspected }) => ({ name, rows: inspected.records, sha256: inspected.sha256 })),
  }
}

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'

const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/
// RELIABILITY F9: also behind blanks, NUL and line breaks, and in full width.
const FORMULA = /^[\s\0]*[=+\-@\t\r\n＝＋－＠]/

/** Cells of a CSV that a spreadsheet could take for a formula. Plain numbers are none. */
export function runnableCells(csv: string): string[] {
  const cells = (parse(csv, { bom: true, record_delimiter: '\r\n', relax_column_count: true }) as string[][]).flat()
  return cells.filter((cell) => FORMULA.test(cell) && !PLAIN_NUMBER.test(cell))
}

/**
 * How many cells of each CSV LibreOffice takes for formulas when somebody opens it there. `csvs` holds texts by name. Takes some
 * seconds; throws when LibreOffice is not installed (`apt-get install libreoffice-calc-nogui`).
 */
export function formulasInLibreOffice(csvs: ReadonlyMap<string, string>): Map<string, number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'onramp-spreadsheet-'))
  try {
    const [sent, opened] = [path.join(folder, 'sent'), path.join(folder, 'opened')]
    mkdirSync(sent)
    const files = [...csvs.values()].map((csv, i) => {
      const file = path.join(sent, `${i}.csv`)
      writeFileSync(file, csv)
      return file
    })
    const profile = `-env:UserInstallation=file://${path.join(folder, 'profile')}`
    const { error, status, stderr } = spawnSync('soffice', [profile, '--headless', '--convert-to', 'fods', '--outdir', opened, ...files], { encoding: 'utf8', timeout: 180_000 })
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') throw new Error('soffice is not there. Install LibreOffice (Debian: libreoffice-calc-nogui) to open the exports in it.')
    if (error || status !== 0) throw new Error(`LibreOffice did not open the exports: ${error?.message ?? stderr}`)
    return new Map([...csvs.keys()].map((name, i) => [name, readFileSync(path.join(opened, `${i}.fods`), 'utf8').match(/table:formula=/g)?.length ?? 0]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

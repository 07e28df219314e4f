import type { Header } from '#lib/contract/header.ts'
import { unescapeFormula } from '#lib/contract/formulas.ts'
import type { Entity } from '#lib/contract/index.ts'
import { readCells } from './cells.ts'
import { AnyRowEncoder } from './encode-any-row.ts'
import { DifferingValues } from './differing-values.ts'
import { PlainRowEncoder } from './encode-plain-row.ts'
import type { LineBuffer } from './line-buffer.ts'
import { HAS_NUL, HAS_QUOTES, TEXT_AFTER_QUOTE } from './record-scanner.ts'
import { planRows, type PlanContext } from './row-plan.ts'
import { RowTotals, type RowFacts } from './row-totals.ts'

/**
 * Turns the records of one file into the lines that LOAD DATA takes: number, line, verdict, whether a
 * value differs from its text, the cells as sent, their hash, and the typed values; and collects the exceptions and the values that differ from their texts (contract rules 8, 11 to 18). One instance a file.
 */
export class RowEncoder {
  readonly #totals: RowTotals
  readonly #plain: PlainRowEncoder
  readonly #any: AnyRowEncoder
  readonly #differing: DifferingValues
  readonly #isCorrection: boolean

  /** `records` is how many the file has. */
  constructor(e: Entity, header: Header, records: number, context: PlanContext) {
    const plan = planRows(e, header, context)
    this.#totals = new RowTotals(plan, records)
    this.#differing = new DifferingValues(plan)
    this.#plain = new PlainRowEncoder(plan, this.#totals, this.#differing)
    this.#any = new AnyRowEncoder(plan, this.#totals, this.#differing)
    this.#isCorrection = header.isCorrection
  }

  /** Writes the line of the record that lies from `start` to `end` in `data`, with the flags that the scanner gave it. */
  write(out: LineBuffer, data: Buffer, start: number, end: number, record: number, line: number, flags: number): void {
    if ((flags & (TEXT_AFTER_QUOTE | HAS_NUL)) === 0 && !this.#isCorrection && this.#plain.row(out, data, start, end, record, line)) return
    const text = data.toString('utf8', start, end)
    if (flags & TEXT_AFTER_QUOTE) {
      out.add(this.#any.misshapen(record, line, text, 'text_after_quote', null, null))
      return
    }
    const cells = readCells(text, (flags & HAS_QUOTES) !== 0)
    out.add(this.#any.row(record, line, this.#isCorrection ? cells.map(unescapeFormula) : cells, flags, text))
  }

  /** Lines for the exceptions table since the last time, good until the next row. */
  takeExceptions(): Buffer {
    return this.#any.takeExceptions()
  }

  /** Lines for the table of values that differ from their texts since the last time, good until the next row. */
  takeValues(): Buffer {
    return this.#differing.take()
  }

  /** After the last row: what only shows then. */
  end(): void {
    this.#totals.tree.end()
  }

  /** Lines for the table of rows that go into production late (`FamilyTree`) since the last time, good until the next row. */
  takeLate(): Buffer {
    return this.#totals.tree.take()
  }

  /** Notes about the keys (`SeenKeys`) since the last time, good until the next row. */
  takeKeyNotes(): Buffer {
    return this.#totals.keys.takeNotes()
  }

  /** Lines of the records whose keys may come more than once, from all the notes about keys. */
  repeating(notes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    return this.#totals.keys.repeating(notes)
  }

  facts(): RowFacts {
    return this.#totals.facts()
  }
}

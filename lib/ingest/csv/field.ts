// How LOAD DATA reads what we send it.
export const NULL = '\\N'
// What it would take for a separator or an escape. Nothing else is touched, so text arrives as it was sent.
const SPECIAL = /[\\\t\n\0]/
const SPECIALS = /[\\\t\n\0]/g
const ESCAPED: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' }

/** A field of a line for LOAD DATA. */
export function fieldOf(text: string | null): string {
  if (text === null) return NULL
  return SPECIAL.test(text) ? text.replace(SPECIALS, (c) => ESCAPED[c]!) : text
}

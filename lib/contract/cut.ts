/** The beginning of a text that somebody sent, at most so many UTF-16 units of it, with … where more follows: for sentences about it. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text
}

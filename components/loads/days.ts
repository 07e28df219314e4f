/** The day of a moment in the reader's time zone as `YYYY-MM-DD`, `offset` days later. */
export function toLocalDay(moment: Date, offset: number): string {
  const day = new Date(moment)
  day.setDate(day.getDate() + offset)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${String(day.getFullYear()).padStart(4, '0')}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** Midnight, in the reader's time zone, at the beginning of the day that is `offset` days after `YYYY-MM-DD`; null for no date. */
export function fromLocalDay(text: string, offset: number): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  return match ? new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + offset) : null
}

import { formatNumber } from '#components/ui/num.tsx'
import { entityOf, type EntityName } from '#lib/contract/index.ts'
import { entityWords } from '#lib/contract/explain.ts'

/** `line items`; remarks on no entity are about the package. */
export function entityPlural(entity: EntityName | null): string {
  return entity === null ? 'package' : entityOf(entity).file.replace(/\.csv$/, '').replaceAll('_', ' ')
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `1 vehicle`, `7 invoices` */
export function countOf(entity: EntityName, count: number): string {
  return `${formatNumber(count)} ${count === 1 ? entityWords(entity) : entityPlural(entity)}`
}

/** `3 vehicles, 7 invoices and 12 line items` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

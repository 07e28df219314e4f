import type { AuditDetail, AuditObject } from '#lib/audit/event.ts'

export const objectWords: Record<AuditObject, string> = {
  user: 'Account', partner: 'Partner', shop: 'Shop', load: 'Load', invoice: 'Invoice', file: 'File', installation: 'Installation',
}

/** `stagedFiles` as people read it. */
const words = (fact: string) => fact.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ')

/** The facts of an event as `name value`, those that say nothing left out. */
export function factsOf(detail: AuditDetail): string[] {
  return Object.entries(detail).flatMap(([fact, value]) => {
    if (value === null || value === false || value === '') return []
    if (value === true) return [words(fact)]
    if (typeof value === 'number') return [`${words(fact)} ${value.toLocaleString('en-US')}`]
    return [`${words(fact)} ${fact === 'status' ? value.replaceAll('_', ' ') : value}`]
  })
}

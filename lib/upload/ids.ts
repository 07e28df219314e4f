import { z } from 'zod'

// Shown to people, so that the form and the API say the same.
export const ID_RULE = 'Use letters, digits and signs other than / and \\, without blanks at its ends.'

/** What is wrong with an id that a person chose, or null. Ids are text: `0007` stays `0007` (contract rule 1). */
export function idProblem(id: string, maxLength: number): string | null {
  if (id === '') return 'It is empty.'
  if ([...id].length > maxLength) return `It has more than ${maxLength} characters.`
  if (/[/\\]/.test(id)) return 'It holds a slash.'
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(id)) return 'It holds a control character.'
  if (id !== id.trim()) return 'It begins or ends with a blank.'
  if (id === '.' || id === '..') return 'It is a name that means a folder.'
  return null
}

const id = (what: string, maxLength: number) => z.string().check((context) => {
  const problem = idProblem(context.value, maxLength)
  if (problem) context.issues.push({ code: 'custom', input: context.value, message: `This ${what} cannot be used. ${problem} ${ID_RULE}` })
})

export const partnerSlug = id('partner id', 64)
export const shopSlug = id('shop id', 64)
export const loadSlug = id('load id', 100)

/** The n-th load id to propose for a delivery of a day: `2025-08-22_partner`, then the same with `-2`, `-3` … behind it. */
export function proposedLoadId(partner: string, day: Date, n = 1): string {
  const date = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
  return `${date}_${partner}${n === 1 ? '' : `-${n}`}`
}

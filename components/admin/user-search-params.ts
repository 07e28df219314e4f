import { parseAsStringLiteral } from 'nuqs/server'
import { tableSearchParams } from '#components/data-table/search-params.ts'
import { roles } from '#lib/auth/permissions.ts'

export const userStates = ['active', 'invited', 'disabled'] as const

/** How the list of accounts is narrowed, as its address keeps it. What is typed into the search is not in it: names stay out of addresses. */
export const userSearchParams = { ...tableSearchParams, role: parseAsStringLiteral(roles), state: parseAsStringLiteral(userStates) }

import { z } from 'zod'
import { roles } from '#lib/auth/permissions.ts'

/** The id of an account in an address. */
export const userParams = z.object({ id: z.string().regex(/^\d{1,18}$/) })

/** A password as it is sent; the rules for new ones are in lib/auth. */
export const password = z.string().min(1, 'Give a password.').max(1024)

/** The token of a one-time link. */
export const linkToken = z.string().max(200)

/** The one partner that an account sees, by its id; null: all. */
export const partnerLimit = z.string().regex(/^\d{1,18}$/, 'must be an id').nullable()

export const newUser = z.strictObject({ email: z.string().max(300), name: z.string().max(300), role: z.enum(roles), partnerId: partnerLimit.default(null) })

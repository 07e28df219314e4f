import { z } from 'zod'
import { entityOfFile } from '#lib/contract/index.ts'
import { deliveryNames } from './delivery-names.ts'
import { loadSlug, partnerSlug, shopSlug } from './ids.ts'
import { maxBytesOf } from './limits.ts'

const file = z.object({
  name: z.string().refine((name) => deliveryNames.has(name), 'This is not one of the files of a load.'),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'A sha256 has 64 hexadecimal digits.').transform((digits) => digits.toLowerCase()),
}).refine(({ name, bytes }) => bytes <= maxBytesOf(name), 'The file is too large.')

const files = z.array(file).min(1).max(8)
  .refine((all) => new Set(all.map(({ name }) => entityOfFile(name)?.name ?? name)).size === all.length, 'Each file may come once; invoices.csv and documents.csv are the same file.')

/** The body of POST /api/v1/loads: what will be sent, for which shop, under which load id. */
export const deliveryRequest = z.object({
  shopId: z.string().regex(/^\d{1,18}$/).optional(),
  partner: partnerSlug.optional(),
  shop: shopSlug.optional(),
  loadId: loadSlug,
  files,
  manifest: z.record(z.string(), z.unknown()),
  replace: z.boolean().default(false),
}).transform(({ shopId, partner, shop, ...rest }, context) => {
  if (shopId !== undefined) return { ...rest, choice: { shopId } }
  if (partner !== undefined && shop !== undefined) return { ...rest, choice: { partner, shop } }
  context.addIssue({ code: 'custom', path: ['shopId'], message: 'Name the shop: shopId, or partner and shop.' })
  return z.NEVER
})

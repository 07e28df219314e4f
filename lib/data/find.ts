import 'server-only'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { prisma } from './prisma.ts'

export type FoundLoad = { id: string; loadId: string; shop: string; partner: string; status: string }

/** The newest loads whose load id, or that of their shop, holds the text; for the palette. */
export async function findLoads(user: CurrentUser, text: string): Promise<FoundLoad[]> {
  authorize(user, 'load:read')
  const number = /^\d{1,18}$/.test(text) ? [{ id: BigInt(text) }] : []
  const loads = await prisma().load.findMany({
    where: { OR: [{ slug: { contains: text } }, { shop: { slug: { contains: text } } }, { shop: { name: { contains: text } } }, ...number] },
    orderBy: { id: 'desc' },
    take: 8,
    include: { shop: { include: { partner: true } } },
  })
  return loads.map(({ id, slug, status, shop }) => ({ id: String(id), loadId: slug, status, shop: shop.name, partner: shop.partner.name }))
}

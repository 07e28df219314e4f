import 'server-only'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import type { EntityName } from '#lib/contract/index.ts'
import { notFound } from '#lib/errors.ts'
import { amountOf, cents, checkLines, countsAsPaid, type LineCheck } from '#lib/invoices/balance.ts'
import { linesAsTree } from '#lib/invoices/line-tree.ts'
import { originsOfInvoices, type Imported } from './imported.ts'
import { customerName, numberOf, vehicleName } from './invoices.ts'
import { seesMasked, shownTo } from './masking.ts'
import { prisma } from './prisma.ts'
import { seenInvoice } from './scope.ts'

export type InvoiceLine = {
  id: string
  /** 0 for a line of its own, 1 for a line below it, and so on. */
  depth: number
  /** How many lines stand below this one, at any depth; they follow it directly. */
  below: number
  type: string | null
  name: string | null
  description: string | null
  partNumber: string | null
  quantity: string | null
  rate: string | null
  total: string | null
  /** Made here although the invoice was imported, or imported onto an invoice made here. */
  otherOrigin: boolean
}
export type InvoiceLines = { lines: InvoiceLine[]; offset: number; count: number }

export type InvoicePayment = {
  id: string
  date: string | null
  method: string | null
  status: string | null
  reference: string | null
  notes: string | null
  amount: string | null
  counts: boolean
}

/** Where an imported invoice came from, word for word. */
export type InvoiceSource = {
  partner: string
  shop: string
  sourceKey: string | null
  firstImportedAt: string
  firstLoad: LoadLink
  /** The load that last wrote it. */
  lastLoad: LoadLink
  sourceAppName: string | null
  externalShopId: string | null
  externalCustomerId: string | null
  externalVehicleId: string | null
}
export type LoadLink = { id: string; loadId: string }

export type InvoiceDetail = {
  id: string
  number: string
  state: string | null
  shop: { id: string; name: string; timeZone: string }
  createdOn: string | null
  updatedOn: string | null
  customer: { id: string; name: string; phone: string | null; email: string | null; address: string | null }
  vehicle: { id: string; name: string; vin: string | null } | null
  mileageIn: number | null
  mileageOut: number | null
  odometer: string | null
  serviceTag: string | null
  serviceWriter: string | null
  technician: string | null
  plannedHours: string | null
  note: string | null
  totals: { [T in (typeof totalColumns)[number]]: string | null }
  payments: InvoicePayment[]
  paid: string
  balance: string | null
  lineCheck: LineCheck
  imported: Imported | null
  source: InvoiceSource | null
  /** Personal data is shown masked to this person. */
  masked: boolean
}

const totalColumns = [
  'partsTotal', 'partsTotalDiscount', 'laborTotal', 'laborTotalDiscount', 'flatFeeTotal', 'flatFeeTotalDiscount', 'totalDiscount',
  'shopSuppliesAmount', 'hazMatAmount', 'subTotal', 'partsTax', 'laborTax', 'flatFeeTax', 'hazMatTax', 'shopSupTax', 'tax', 'total', 'nonTaxableTotal',
] as const

/** An invoice with its payments, its balance and where it came from. Its lines are read with `getInvoiceLines`. */
export async function getInvoice(user: CurrentUser, id: string): Promise<InvoiceDetail> {
  authorize(user, 'invoice:read')
  const invoice = await prisma().invoice.findUnique({ where: { id: await seenInvoice(user, id) }, include: { customer: true, vehicle: true } })
  if (!invoice) throw notFound('This invoice')
  const [shop, payments, lineTotals, origins] = await Promise.all([
    prisma().shop.findUniqueOrThrow({ where: { id: invoice.shopId }, include: { partner: true } }),
    prisma().payment.findMany({ where: { invoiceId: invoice.id }, orderBy: [{ paymentDate: 'asc' }, { id: 'asc' }] }),
    prisma().lineItem.findMany({ where: { invoiceId: invoice.id }, select: { total: true } }),
    originsOfInvoices([invoice]),
  ])
  const shown = (entity: EntityName, column: string, value: string | null) => shownTo(user, entity, column, value)
  const { customer, vehicle } = invoice
  const totals = Object.fromEntries(totalColumns.map((column) => [column, money(invoice[column])])) as InvoiceDetail['totals']
  const paid = payments.filter((p) => countsAsPaid(p.paymentStatus)).reduce((sum, p) => sum + cents(money(p.paymentAmount)), 0n)
  return {
    id: String(invoice.id),
    number: numberOf(invoice),
    state: invoice.state,
    shop: { id: String(shop.id), name: shop.name, timeZone: shop.timeZone },
    createdOn: invoice.createdOn?.toISOString() ?? null,
    updatedOn: invoice.updatedOn?.toISOString() ?? null,
    customer: {
      id: String(customer.id),
      name: customerName(user, customer),
      phone: firstOf(['contactCell', 'contactHome', 'contactWork'].map((column) => shown('customer', column, customer[column as 'contactCell']))),
      email: shown('customer', 'contactEmail', customer.contactEmail),
      address: addressOf(shown, customer),
    },
    vehicle: vehicle && { id: String(vehicle.id), name: vehicleName(user, vehicle), vin: shown('vehicle', 'vin', vehicle.vin) },
    mileageIn: invoice.mileageIn,
    mileageOut: invoice.mileageOut,
    odometer: invoice.odometerLabel || invoice.odometerCode || null,
    serviceTag: invoice.serviceTag,
    serviceWriter: shown('invoice', 'externalServiceWriterName', invoice.externalServiceWriterName) || invoice.externalServiceWriterId,
    technician: shown('invoice', 'externalTechnicianName', invoice.externalTechnicianName) || invoice.externalTechnicianId,
    plannedHours: invoice.plannedHours?.toString() ?? null,
    note: shown('invoice', 'shopNote', invoice.shopNote),
    totals,
    payments: payments.map((payment) => ({
      id: String(payment.id),
      date: payment.paymentDate?.toISOString() ?? null,
      method: payment.paymentMethod,
      status: payment.paymentStatus,
      reference: shown('payment', 'paymentReferenceNo', payment.paymentReferenceNo),
      notes: shown('payment', 'paymentNotes', payment.paymentNotes),
      amount: money(payment.paymentAmount),
      counts: countsAsPaid(payment.paymentStatus),
    })),
    paid: amountOf(paid),
    balance: totals.total === null ? null : amountOf(cents(totals.total) - paid),
    lineCheck: checkLines(lineTotals.map((line) => money(line.total)), totals),
    imported: origins.get(invoice.id) ?? null,
    source: invoice.importedLoadId === null ? null : await sourceOf({ ...invoice, importedLoadId: invoice.importedLoadId }, shop),
    masked: seesMasked(user),
  }
}

/**
 * A stretch of the invoice's lines in tree order. The order is worked out from ids and line numbers of all lines; the rest of a line
 * is read only for those asked for, so that an invoice with ten thousand lines opens like any other.
 */
export async function getInvoiceLines(user: CurrentUser, id: string, { offset, limit }: { offset: number; limit: number }): Promise<InvoiceLines> {
  authorize(user, 'invoice:read')
  const invoice = await prisma().invoice.findUnique({ where: { id: await seenInvoice(user, id) }, select: { id: true, importedLoadId: true } })
  if (!invoice) throw notFound('This invoice')
  const all = await prisma().lineItem.findMany({ where: { invoiceId: invoice.id }, select: { id: true, parentLineItemId: true, lineNumber: true } })
  const tree = linesAsTree(all.map((line) => ({ id: String(line.id), parentId: line.parentLineItemId === null ? null : String(line.parentLineItemId), lineNumber: line.lineNumber })))
  const wanted = tree.slice(offset, offset + limit)
  const rows = await prisma().lineItem.findMany({ where: { id: { in: wanted.map((line) => BigInt(line.id)) } } })
  const rowOf = new Map(rows.map((row) => [String(row.id), row]))
  const lines = wanted.flatMap(({ id, depth, below }) => {
    const row = rowOf.get(id)
    if (!row) return []
    return [{
      id, depth, below,
      type: row.datalineType,
      name: row.datalineName,
      description: shownTo(user, 'line_item', 'description', row.description),
      partNumber: row.partNumber,
      quantity: row.quantityOrHours?.toString() ?? null,
      rate: rateOf(row)?.toString() ?? null,
      total: money(row.total),
      otherOrigin: (row.importedLoadId === null) !== (invoice.importedLoadId === null),
    }]
  })
  return { lines, offset, count: tree.length }
}

type Rates<D> = { datalineType: string | null; manualPriceRate: D | null; priceRate: D | null; laborRate: D | null }

/** What one piece or hour was charged at: a price set by hand wins, and labor has its own rate. */
function rateOf<D>({ datalineType, manualPriceRate, priceRate, laborRate }: Rates<D>): D | null {
  return manualPriceRate ?? (datalineType === 'labor' ? (laborRate ?? priceRate) : (priceRate ?? laborRate))
}

type SourceRow = {
  id: bigint; shopId: bigint; importedLoadId: bigint; externalDocumentId: string | null; createdAt: Date
  sourceAppName: string | null; externalShopId: string | null; externalCustomerId: string | null; externalVehicleId: string | null
}

async function sourceOf(invoice: SourceRow, shop: { slug: string; partner: { name: string } }): Promise<InvoiceSource> {
  const { shopId, externalDocumentId: key } = invoice
  const sourceKey = key === null ? null : Buffer.from(key)
  const crosswalk = sourceKey && await prisma().crosswalkInvoice.findUnique({ where: { shopId_keyLength_sourceKey: { shopId, keyLength: sourceKey.length, sourceKey } } })
  const known = crosswalk?.internalId === invoice.id ? crosswalk : null
  const loadIds = [known?.firstLoadId ?? invoice.importedLoadId, known?.lastLoadId ?? invoice.importedLoadId]
  const loads = await prisma().load.findMany({ where: { id: { in: loadIds } }, select: { id: true, slug: true } })
  const [first, last] = loadIds.map((id) => ({ id: String(id), loadId: loads.find((load) => load.id === id)?.slug ?? String(id) }))
  return {
    partner: shop.partner.name,
    shop: shop.slug,
    sourceKey: key,
    firstImportedAt: invoice.createdAt.toISOString(),
    firstLoad: first!,
    lastLoad: last!,
    sourceAppName: invoice.sourceAppName,
    externalShopId: invoice.externalShopId,
    externalCustomerId: invoice.externalCustomerId,
    externalVehicleId: invoice.externalVehicleId,
  }
}

function money(value: { toFixed(digits: number): string } | null): string | null {
  return value?.toFixed(2) ?? null
}

function firstOf(values: (string | null)[]): string | null {
  return values.find((value) => value?.trim()) ?? null
}

type Address = { streetAddress1: string | null; streetAddress2: string | null; city: string | null; state: string | null; zipCode: string | null }

/** `12 Main St, Springfield IL 62701`, each part as far as this person may see it. */
function addressOf(shown: (entity: EntityName, column: string, value: string | null) => string | null, customer: Address): string | null {
  const part = (column: keyof Address) => shown('customer', column, customer[column])
  const place = [part('city'), part('state'), part('zipCode')].filter(Boolean).join(' ')
  return [part('streetAddress1'), part('streetAddress2'), place].filter(Boolean).join(', ') || null
}

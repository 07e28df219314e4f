import { invoice } from '#lib/contract/entities/invoice.ts'

/** The states of the contract, and `none` for invoices that came without one. */
export const invoiceStates = [...invoice.columns.state.values, 'none'] as const
export type InvoiceState = (typeof invoiceStates)[number]

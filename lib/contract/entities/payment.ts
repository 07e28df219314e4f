import { entity } from '../entity.ts'
import { between, rowRule } from '../rules.ts'

export const payment = entity({
  name: 'payment',
  file: 'payments.csv',
  aliases: [],
  key: 'externalPaymentId',
  parents: [
    { column: 'externalDocumentId', entity: 'invoice', required: true },
  ],
  mayBeEmpty: true,
  columns: {
    sourceAppName: { type: 'string', maxLength: 100 },
    externalShopId: { type: 'string', maxLength: 50 },
    externalPaymentId: { type: 'string', maxLength: 50, required: true },
    externalDocumentId: { type: 'string', maxLength: 50, required: true },
    paymentDate: { type: 'datetime' },
    paymentAmount: { type: 'decimal', precision: 12, scale: 2, required: true },
    paymentMethod: { type: 'enum', values: ['cash', 'check', 'credit_card', 'debit_card', 'ach', 'wire_transfer', 'paypal', 'square', 'stripe', 'other'] },
    paymentMethodType: { type: 'enum', values: ['card', 'bank', 'cash', 'check', 'digital', 'other'], onInvalid: 'warn' },
    paymentReferenceNo: { type: 'string', maxLength: 100 },
    paymentNotes: { type: 'string', maxLength: 1000 },
    paymentStatus: { type: 'enum', values: ['pending', 'processing', 'completed', 'failed', 'cancelled', 'refunded', 'partially_refunded'] },
  },
  rules: [
    rowRule({
      rule: 'paymentAmount > 0 unless paymentStatus is refunded',
      code: 'rule_payment_positive',
      reads: ['paymentAmount', 'paymentStatus'],
      broken: ([amount, status]) => (Number(amount) <= 0 && amount !== null && status !== 'refunded' ? ['paymentAmount'] : []),
    }),
    rowRule({
      rule: 'paymentAmount <= 1000000',
      code: 'rule_payment_limit',
      reads: ['paymentAmount'],
      broken: ([amount]) => (Number(amount) > 1_000_000 ? ['paymentAmount'] : []),
    }),
    between({ rule: 'paymentDate between 1900-01-01 and now + 1 day', code: 'rule_date_range', columns: ['paymentDate'] }),
  ],
})

import { entity } from '../entity.ts'
import { rowRule } from '../rules.ts'

export const lineItem = entity({
  name: 'line_item',
  file: 'line_items.csv',
  aliases: [],
  key: 'externalDatalineId',
  parents: [
    { column: 'externalDocumentId', entity: 'invoice', required: true },
    { column: 'externalParentDatalineId', entity: 'line_item', required: false, sameParent: 'externalDocumentId' },
  ],
  mayBeEmpty: true,
  columns: {
    sourceAppName: { type: 'string', maxLength: 100 },
    externalShopId: { type: 'string', maxLength: 50 },
    externalDocumentId: { type: 'string', maxLength: 50, required: true },
    externalDatalineId: { type: 'string', maxLength: 50, required: true },
    externalParentDatalineId: { type: 'string', maxLength: 50 },
    lineNumber: { type: 'integer', min: 1 },
    datalineType: { type: 'enum', values: ['part', 'labor', 'flat_fee', 'shop_supplies', 'hazmat', 'discount', 'tax', 'other'] },
    datalineName: { type: 'string', maxLength: 200 },
    description: { type: 'string', maxLength: 1000 },
    partNumber: { type: 'string', maxLength: 100 },
    cost: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    laborRate: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    priceRate: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    manualPriceRate: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    quantityOrHours: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    markedUpHours: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    subtotal: { type: 'decimal', precision: 12, scale: 2 },
    taxable: { type: 'boolean' },
    total: { type: 'decimal', precision: 12, scale: 2 },
    nonTaxableTotal: { type: 'decimal', precision: 12, scale: 2 },
    invalidDiscount: { type: 'boolean' },
    markupAmount: { type: 'decimal', precision: 12, scale: 2 },
    markupCalcMethodRefCd: { type: 'enum', values: ['percentage', 'fixed_amount', 'multiplier'], onInvalid: 'warn' },
    markupTypeRefCd: { type: 'enum', values: ['cost_plus', 'retail_minus', 'margin'], onInvalid: 'warn' },
  },
  rules: [
    rowRule({
      rule: 'labor lines have quantityOrHours > 0',
      code: 'rule_labor_hours',
      reads: ['datalineType', 'quantityOrHours'],
      broken: ([type, hours]) => (type === 'labor' && !(Number(hours) > 0) ? ['quantityOrHours'] : []),
    }),
    rowRule({
      rule: 'a discount line may be negative; other totals are >= 0',
      code: 'rule_negative_total',
      reads: ['datalineType', 'subtotal', 'total', 'nonTaxableTotal'],
      broken: ([type, ...totals]) =>
        type === 'discount' ? [] : ['subtotal', 'total', 'nonTaxableTotal'].filter((_, i) => Number(totals[i]) < 0),
    }),
  ],
})

import { entity } from '../entity.ts'
import { rowRule } from '../rules.ts'

export const inventoryPart = entity({
  name: 'inventory_part',
  file: 'inventory_parts.csv',
  aliases: [],
  key: 'externalPartId',
  parents: [],
  mayBeEmpty: true,
  columns: {
    sourceAppName: { type: 'string', maxLength: 100 },
    externalShopId: { type: 'string', maxLength: 50 },
    externalPartId: { type: 'string', maxLength: 50, required: true },
    partNumber: { type: 'string', maxLength: 100, required: true },
    partDescription: { type: 'string', maxLength: 500 },
    partCategory: { type: 'string', maxLength: 100 },
    unitCost: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    unitPrice: { type: 'decimal', precision: 12, scale: 4, min: 0 },
    quantityOnHand: { type: 'decimal', precision: 12, scale: 3 },
    reorderLevel: { type: 'decimal', precision: 12, scale: 3, min: 0 },
    supplierId: { type: 'string', maxLength: 50 },
    supplierPartNumber: { type: 'string', maxLength: 100 },
    isActive: { type: 'boolean' },
  },
  rules: [
    rowRule({
      rule: 'quantityOnHand >= 0',
      code: 'rule_quantity',
      reads: ['quantityOnHand'],
      broken: ([quantity]) => (Number(quantity) < 0 ? ['quantityOnHand'] : []),
    }),
  ],
})

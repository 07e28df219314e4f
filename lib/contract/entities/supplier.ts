import { entity } from '../entity.ts'

export const supplier = entity({
  name: 'supplier',
  file: 'suppliers.csv',
  aliases: [],
  key: 'externalSupplierId',
  parents: [],
  mayBeEmpty: true,
  columns: {
    sourceAppName: { type: 'string', maxLength: 100 },
    externalShopId: { type: 'string', maxLength: 50 },
    externalSupplierId: { type: 'string', maxLength: 50, required: true },
    supplierName: { type: 'string', maxLength: 200, required: true },
    contactPerson: { type: 'string', maxLength: 100 },
    streetAddress1: { type: 'string', maxLength: 200 },
    streetAddress2: { type: 'string', maxLength: 200 },
    city: { type: 'string', maxLength: 100 },
    state: { type: 'string', maxLength: 100 },
    zipCode: { type: 'string', maxLength: 20 },
    country: { type: 'string', maxLength: 100 },
    phoneNumber: { type: 'string', maxLength: 20, format: 'phone', onInvalid: 'warn' },
    emailAddress: { type: 'string', maxLength: 254, format: 'email', onInvalid: 'warn' },
    website: { type: 'string', maxLength: 200 },
    isActive: { type: 'boolean' },
    paymentTerms: { type: 'string', maxLength: 200 },
  },
  rules: [],
})

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { ManifestJson, PackageFiles } from '#lib/jobs/write-package.ts'
import { accounts } from './accounts.ts'

// Names that nothing else is called, so that wherever one is found it came from these people.
const people = ['Quillfeather', 'Brambleknot', 'Zephyrinda', 'Oxwhistle', 'Thrumcastle'].map((name, n) => ({
  key: `canary-${n}`, first: `Aq${name.toLowerCase()}`, last: name, email: `the.${name}@canaries.example`, street: `${n + 41} ${name} Passage`,
  phone: `503-555-71${n}9`, plate: `QN${n}-${name.slice(0, 4).toUpperCase()}`, vin: `1HGCM8263${n}A7${n}4${n}52`,
}))

/** Books whose every person, car and contact is marked. The last customer is refused for a value that is marked, too. */
export const canaryBooks: PackageFiles = {
  customer: people.map(({ key, first, last, email, street, phone }, n) => ({
    externalCustomerId: key, firstName: first, lastName: last, contactEmail: email, streetAddress1: street, contactCell: phone, defaultLaborRate: n === people.length - 1 ? last : '80.00',
  })),
  vehicle: people.map(({ key, vin, plate }) => ({ externalVehicleId: key, externalCustomerId: key, vin, licensePlate: plate })),
  supplier: people.map(({ key, last, email, phone }) => ({ externalSupplierId: key, supplierName: `${last} Parts`, contactPerson: last, emailAddress: email, phoneNumber: phone })),
}
/** A manifest for which a package is refused in sentences that quote what is marked. */
export const canaryManifest = ({ load_id, files }: ManifestJson): ManifestJson => ({ load_id, files: [...files, { name: `${people[0]!.last} ${people[1]!.email}.csv`, rows: 1, sha256: people[0]!.street }] })

export const canaryPassword = 'Quillfeather sings for nobody'
export const canary = people[0]!

/** What nobody but the pages that show it may tell. */
const marked = people.flatMap(({ first, last, email, street, phone, plate, vin }) => [first, last, email, street, phone, phone.replaceAll('-', ''), plate, vin]).map((text) => text.toLowerCase())

// Every session of a run is one, whoever opened it: what seals them begins alike.
const SESSION = /eyJ[\w-]{10,}\.[\w-]*\.[\w-]{8,}/g
const fileOf = (dataDir: string) => path.join(dataDir, 'secrets-of-the-run')

/** Keeps a password or a token of this run, which may be found nowhere at its end. */
export function keepSecret(secret: string): void {
  appendFileSync(fileOf(process.env.ONRAMP_DATA_DIR!), `${secret}\n`)
}

/** Every secret of the run so far: those of the installation, of its accounts, and those that tests have kept. */
export function secretsOfTheRun(dataDir: string): string[] {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])
  const installation = ['session-secret', 'audit-key', 'mysql/password', 'mysql/portal-password', 'mysql/worker-password'].flatMap((name) => read(path.join(dataDir, name)))
  return [...new Set([...installation, ...Object.values(accounts).map(({ password }) => password), canaryPassword, ...read(fileOf(dataDir))])]
}

/** What of all that a text tells. */
export function canariesIn(text: string, secrets: readonly string[] = []): string[] {
  const lower = text.toLowerCase()
  return [...marked.filter((mark) => lower.includes(mark)), ...secrets.filter((secret) => text.includes(secret)), ...(text.match(SESSION) ?? [])]
}

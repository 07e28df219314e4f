import { MANIFEST_NAME, entities } from '#lib/contract/index.ts'

/** The names a delivery may hold: those of the contract, and the manifest's. */
export const deliveryNames: ReadonlySet<string> = new Set([MANIFEST_NAME, ...entities.flatMap((e) => [e.file, ...e.aliases])])

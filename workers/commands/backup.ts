import { backUp } from '#lib/keeping/backup.ts'
import { objectStore } from '#lib/store/index.ts'
import { command, fromHere } from '../command.ts'
import { withDatabase } from '../database.ts'

const NOT_AS_IT_SHOULD_BE = 2

export default command({
  summary: 'writes database, raw files and audit key into a folder',
  usage: '<folder>',
  details: 'The folder must be empty or not exist. Loads and people may go on meanwhile; the backup holds one moment.\nExit: 0 done and production reconciles to the ledger, 2 done but something is not as it should be, 1 not done.',
  options: {},
  positionals: { min: 1, max: 1 },
  async run({ positionals: [folder] }) {
    const { manifest, complaints, missing } = await withDatabase(({ url }) => backUp(url, objectStore(), fromHere(folder!)))
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
    console.log(`Backed up ${manifest.files.length.toLocaleString('en-US')} files (${bytes.toLocaleString('en-US')} bytes), through event ${manifest.audit.number} of the audit trail.`)
    for (const key of missing) console.log(`Not in the store as it arrived: ${key}.`)
    for (const complaint of complaints) console.log(`Does not reconcile: ${complaint}.`)
    if (complaints.length === 0) console.log('Production reconciles to the ledger.')
    return complaints.length + missing.length > 0 ? NOT_AS_IT_SHOULD_BE : 0
  },
})

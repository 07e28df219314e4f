import { config } from '#lib/config.ts'
import { embeddedUsers } from '#lib/db/embedded-users.ts'
import { startEmbedded } from '#lib/db/embedded.ts'
import { restore, type Restored } from '#lib/keeping/restore.ts'
import { objectStore } from '#lib/store/index.ts'
import { command, fromHere } from '../command.ts'

const NOT_AS_IT_SHOULD_BE = 2

function told({ manifest, shops, files, complaints, audit }: Restored): string[] {
  const rows = Object.values(manifest.books.rows).reduce((sum, n) => sum + n, 0)
  return [
    `Restored the backup of ${manifest.createdAt}: ${rows.toLocaleString('en-US')} rows and ${files.toLocaleString('en-US')} raw files.`,
    ...complaints.map((complaint) => `Does not reconcile: ${complaint}.`),
    ...(complaints.length === 0 ? [`Every count and sum is the backup’s, and production reconciles to the ledger of ${shops.toLocaleString('en-US')} ${shops === 1 ? 'shop' : 'shops'}.`] : []),
    audit.problem ? `The audit trail is not whole. ${audit.problem.message}` : `The audit trail is whole: ${audit.events.toLocaleString('en-US')} events.`,
  ]
}

export default command({
  summary: 'makes an installation again from a backup',
  usage: '<folder>',
  details: 'Only into an empty installation, and only from a backup of which every byte is as it was written. Cut short, it may be run again.\nExit: 0 restored and production reconciles to the ledger, 2 restored but something does not fit, 1 not restored.',
  options: {},
  positionals: { min: 1, max: 1 },
  async run({ positionals: [folder] }) {
    const given = config().DATABASE_URL
    const server = given ? undefined : await startEmbedded()
    try {
      const restored = await restore(given ?? server!.url, objectStore(), fromHere(folder!))
      if (server) await embeddedUsers(server.url)
      for (const line of told(restored)) console.log(line)
      return restored.complaints.length > 0 || !restored.audit.ok ? NOT_AS_IT_SHOULD_BE : 0
    } finally {
      await server?.stop()
    }
  },
})

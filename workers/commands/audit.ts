import { verifyAudit } from '#lib/audit/verify.ts'
import { invalidInput } from '#lib/errors.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'

const BROKEN = 2

export default command({
  summary: 'checks that nobody has changed the audit trail',
  usage: 'verify [--json]',
  details: 'Walks every event, and compares with what was written down outside of the database.\nExit: 0 the trail is whole, 2 it is not (the first event that does not fit is named), 1 it could not be checked.',
  options: { json: { type: 'boolean', help: 'prints the result as JSON, and nothing else on stdout' } },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [action], values: { json } }) {
    if (action !== 'verify') throw invalidInput(`audit knows verify, not ${JSON.stringify(action)}.`)
    const found = await withDatabase(({ url }) => verifyAudit(url))
    const { ok, events, anchors, lastAnchor, problem } = found
    if (json) console.log(JSON.stringify(found, null, 2))
    else if (problem) console.log(`The audit trail is not whole. ${problem.message}`)
    else {
      const since = lastAnchor ? `${anchors.toLocaleString('en-US')} anchors agree, the last of event ${lastAnchor.number} (${lastAnchor.at}).` : 'There is no anchor yet: a cut at its end would not be seen.'
      console.log(`The audit trail is whole: ${events.toLocaleString('en-US')} events. ${since}`)
    }
    return ok ? 0 : BROKEN
  },
})

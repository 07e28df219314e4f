// Read first by a process that is measured (`node --import`): on its end it notes what it has used in the file that it is told.
import { writeFileSync } from 'node:fs'
import { peakBytesOf, usageOf } from './process-usage.ts'

process.once('exit', () => {
  const usage = { ...usageOf(process.pid)!, peakBytes: peakBytesOf('self') }
  writeFileSync(process.env.ONRAMP_USAGE_FILE!, JSON.stringify(usage))
})

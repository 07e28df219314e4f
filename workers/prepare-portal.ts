// Loaded before Next, which takes requests before it asks instrumentation.ts: without it the first ones after a start would
// be believed about where they come from.
import { prepareRequests } from '#lib/http/prepare-requests.ts'

prepareRequests()

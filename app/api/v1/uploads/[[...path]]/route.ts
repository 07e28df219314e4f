import { route } from '#lib/http/route.ts'
import { answerUpload } from '#lib/upload/tus.ts'

// Resumable uploads (tus 1.0). proxy.ts must not match this path: it would cut bodies off at 10 MB.
// A file of 10 GiB comes in some 320 pieces, and several people of one account may send at once.
const upload = route({ permission: 'load:create', raw: true, inTurn: true, perMinute: 6000 }, ({ user, request }) => answerUpload(user, request))

export { upload as DELETE, upload as HEAD, upload as OPTIONS, upload as PATCH, upload as POST }

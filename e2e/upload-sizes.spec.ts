import { PortalClient } from '../workers/portal-client.ts'
import { sendSizes } from '../workers/soak/sizes.ts'
import { accounts, expect, test } from './fixtures.ts'
import { portalPid } from './portal-process.ts'

const MB = 1_000_000
// Next once cut bodies off at 10 MiB, without a word. Files of 500 MB are sent by `npm run soak`.
const SIZES = [0, 1, 65_536, 9.99 * MB, 10 * MB, 10.01 * MB, 12 * MB]
const MOST_GROWTH_BYTES = 150 * MB
// So much more than that, that a portal which holds the file cannot stay below.
const LARGE = 250 * MB

const sent = async (sizes: readonly number[]) => {
  const address = process.env.ONRAMP_E2E_URL!
  const portal = await PortalClient.signIn(address, accounts.support)
  return sendSizes(portal, { address, dataDir: process.env.ONRAMP_DATA_DIR!, pid: portalPid() }, sizes.map((bytes) => ({ bytes, piece: bytes })))
}

test(`files of ${SIZES.map((bytes) => bytes.toLocaleString('en-US')).join('; ')} bytes arrive byte for byte, each in one request`, async () => {
  const { files } = await sent(SIZES)
  expect(files).toEqual(SIZES.map((bytes) => ({ bytes, piece: bytes, whole: true })))
})

test(`a file of ${LARGE / MB} MB arrives byte for byte in one request, and the portal holds no more for it`, async () => {
  const { files, portalGrewBytes } = await sent([LARGE])
  expect(files).toEqual([{ bytes: LARGE, piece: LARGE, whole: true }])
  expect(portalGrewBytes).toBeLessThan(MOST_GROWTH_BYTES)
})

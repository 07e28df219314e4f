import path from 'node:path'
import { expect, test } from './fixtures.ts'
import { onrampWith } from './onramp.ts'

test.describe.configure({ timeout: 240_000 })

test('a short soak disturbs an installation of its own, finds nothing wrong, and leaves nothing behind', async () => {
  const dataDir = path.join(process.env.ONRAMP_DATA_DIR!, 'own')
  const { code, stdout, stderr } = await onrampWith({ ONRAMP_DATA_DIR: dataDir }, 'soak', '--minutes', '0.2', '--seed', '11')
  expect(code, `${stdout}\n${stderr}`).toBe(0)
  expect(stdout).toContain('PASSED after 0.2 minutes with seed 11.')
  for (const counted of ['database: SIGKILL', 'portal: SIGKILL', 'workers: SIG', 'shops compared with an undisturbed run', 'restores', 'purges of everything', 'loads found in the ledger']) expect(stdout).toMatch(new RegExp(`^  ${counted}.* [1-9][\\d,]*$`, 'm'))
})

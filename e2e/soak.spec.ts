import path from 'node:path'
import { expect, test } from './fixtures.ts'
import { onrampWith } from './onramp.ts'

test.describe.configure({ timeout: 240_000 })

test('a short soak disturbs an installation of its own, finds nothing wrong, and leaves nothing behind', async () => {
  const dataDir = path.join(process.env.ONRAMP_DATA_DIR!, 'own')
  const { code, stdout, stderr } = await onrampWith({ ONRAMP_DATA_DIR: dataDir }, 'soak', '--minutes', '0.2', '--seed', '11')
  expect(code, `${stdout}\n${stderr}`).toBe(0)
  expect(stdout).toContain('PASSED after 0.2 minutes with seed 11.')
  for (const counted of ['database: SIGKILL', 'portal: SIGKILL', 'workers: SIG', 'shops compared with an undisturbed run', 'restores', 'purges killed', 'purges of everything', 'loads found in the ledger', 'pages of ended loads compared with the database']) expect(stdout).toMatch(new RegExp(`^  ${counted}.* [1-9][\\d,]*$`, 'm'))
  // What was too short for it is told, and does not count as done.
  expect(stdout).toContain('Left out, it takes 30 minutes or more: files of 100 and 500 MB (S1), 1,000 uploads at once (S5).')
  expect(stdout).toMatch(/^Of \d+ loads and reruns \d+ ended failed/m)
})

import type { ResultSetHeader } from 'mysql2/promise'
import { STREAMS_PER_PERSON } from '#lib/http/open-streams.ts'
import { ask } from './ask.ts'
import { expect, test } from './fixtures.ts'
import { newPerson, openDatabase } from './people.ts'

test.use({ expectedStatuses: [429] })

test('whoever follows too many loads at once is refused another stream, and the page follows the load all the same', async ({ page, context }) => {
  const db = await openDatabase()
  const { session } = await newPerson(db, 'support', 'follower of many')
  const insert = async (statement: string, values: unknown[]) => (await db.query<ResultSetHeader>(statement, values))[0].insertId
  const slug = `many-${Date.now().toString(36)}`
  const partner = await insert('insert into partner (slug, name) values (?, ?)', [slug, slug])
  const shop = await insert("insert into shop (partnerId, slug, name, timeZone) values (?, ?, ?, 'UTC')", [partner, slug, slug])
  // Nobody runs it: it waits until told otherwise.
  const load = await insert("insert into `load` (shopId, slug, status) values (?, ?, 'queued')", [shop, slug])
  const events = `/api/v1/loads/${load}/events`
  const leaving = new AbortController()
  const follow = () => fetch(new URL(events, process.env.ONRAMP_E2E_URL), { headers: { cookie: `onramp.session=${session}` }, signal: leaving.signal })

  // What has no body leaves no stream open.
  for (let n = 0; n <= STREAMS_PER_PERSON; n++) expect((await ask(events, { method: 'HEAD', session })).status).toBe(200)
  const streams = await Promise.all(Array.from({ length: STREAMS_PER_PERSON }, follow))
  expect(streams.map(({ status }) => status)).toEqual(Array(STREAMS_PER_PERSON).fill(200))
  await context.addCookies([{ name: 'onramp.session', value: session, url: process.env.ONRAMP_E2E_URL! }])
  const refused = page.waitForResponse(events)
  await page.goto(`/loads/${load}`)
  expect((await refused).status()).toBe(429)
  await expect(page.getByText('Queued').first()).toBeVisible()
  await page.evaluate(() => {
    const look = () => { if (document.body.innerText.includes('Reconnecting')) Object.assign(window, { saidReconnecting: true }) }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  await db.query("update `load` set status = 'failed' where id = ?", [load])
  // A page asks every five seconds; one that thinks that it is cut off begins to ask after ten.
  await expect(page.getByText('Failed').first()).toBeVisible({ timeout: 8_000 })
  expect(await page.evaluate(() => 'saidReconnecting' in window)).toBe(false)

  leaving.abort()
  await db.query("update `load` set status = 'queued' where id = ?", [load])
  await expect.poll(async () => {
    const last = new AbortController()
    const { status } = await fetch(new URL(events, process.env.ONRAMP_E2E_URL), { headers: { cookie: `onramp.session=${session}` }, signal: last.signal })
    last.abort()
    return status
  }).toBe(200)
  for (const [table, id] of [['load', load], ['shop', shop], ['partner', partner]]) await db.query(`delete from \`${table}\` where id = ?`, [id])
  await db.end()
})

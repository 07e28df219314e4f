import { expect, test } from 'vitest'
import { runHere } from '#lib/jobs/run-here.ts'
import { testInstallation } from '#lib/jobs/testing.ts'
import { Progress } from './progress.ts'
import { connect } from './sql/connect.ts'
import { row, rows, run, sql } from './sql/sql.ts'

const { url, connection, runner, newShop } = await testInstallation('progress')

async function newAttempt(): Promise<number> {
  const { loadId } = await newShop().load({})
  const { id } = (await row<{ id: number }>(connection, sql`select id from attempt where loadId = ${loadId}`))!
  await run(connection, sql`delete from step where attemptId = ${id}`)
  return id
}

const noted = (attemptId: number) => rows<Record<string, unknown>>(connection, sql`
  select name, entity, status, \`rows\`, counts, round(timestampdiff(microsecond, startedAt, finishedAt) / 1000) as ms, seconds, abs(timestampdiff(second, startedAt, now(3))) < 5 as isNow
  from step where attemptId = ${attemptId} order by name, entity`)

test('a step is noted with its times and counts, one that fails as failed, and one that is begun again as new', async () => {
  const attemptId = await newAttempt()
  const progress = new Progress(runner.db, attemptId)
  await progress.step('match', 'customer', () => new Promise((done) => setTimeout(done, 120)), () => ({ rows: 7, counts: { new: 3 } }))
  await expect(progress.step('write', 'customer', async () => { throw new Error('broken') }, () => ({ rows: 1 }))).rejects.toThrow('broken')
  await progress.settle()
  const [matched, written] = await noted(attemptId)
  expect(matched).toMatchObject({ name: 'match', entity: 'customer', status: 'done', rows: 7, counts: expect.anything(), isNow: 1 })
  expect(Number(matched!.ms)).toBeGreaterThan(115)
  expect(Math.abs(Number(matched!.seconds) * 1000 - Number(matched!.ms))).toBeLessThan(10)
  expect(written).toMatchObject({ name: 'write', status: 'failed', rows: null, counts: null })
  await progress.step('write', 'customer', async () => {
    await progress.settle()
    expect((await noted(attemptId))[1]).toMatchObject({ status: 'running', ms: null, seconds: null })
  }, () => ({ rows: 2 }))
  await progress.settle()
  expect((await noted(attemptId))[1]).toMatchObject({ status: 'done', rows: 2 })
})

test('nobody waits for a note', async () => {
  const attemptId = await newAttempt()
  const progress = new Progress(runner.db, attemptId)
  await progress.step('match', 'customer', async () => undefined, () => ({ rows: 1 }))
  await progress.settle()
  const holding = await connect(url)
  await holding.beginTransaction()
  await run(holding, sql`select 1 from step where attemptId = ${attemptId} for update`)
  await progress.step('match', 'customer', async () => undefined, () => ({ rows: 2 }))
  expect(await noted(attemptId)).toMatchObject([{ status: 'done', rows: 1 }])
  await holding.rollback()
  await holding.end()
  await progress.settle()
  expect(await noted(attemptId)).toMatchObject([{ status: 'done', rows: 2 }])
})

test('what the database did not take is noted in the end, or said', async () => {
  const attemptId = await newAttempt()
  const progress = new Progress(runner.db, attemptId)
  await run(connection, sql`rename table step to step_elsewhere`)
  try {
    await progress.step('match', 'customer', async () => undefined, () => ({ rows: 1 }))
    await progress.step('match', 'vehicle', async () => undefined, () => ({ rows: 2 }))
    await expect(progress.settle()).rejects.toThrow('step')
  } finally {
    await run(connection, sql`rename table step_elsewhere to step`)
  }
  await progress.settle()
  expect((await noted(attemptId)).map(({ entity, rows }) => [entity, rows])).toEqual([['customer', 1], ['vehicle', 2]])
})

test('notes follow by themselves, also where many are made in a moment', async () => {
  const attemptId = await newAttempt()
  const progress = new Progress(runner.db, attemptId)
  await progress.step('stage', 'customer', async () => {
    for (let done = 1; done <= 1000; done++) progress.rows('stage', 'customer', done)
    await expect.poll(() => noted(attemptId)).toMatchObject([{ status: 'running', rows: 1000 }])
  }, () => ({ rows: 1001 }))
  await expect.poll(() => noted(attemptId)).toMatchObject([{ status: 'done', rows: 1001 }])
})

test('while a file is written it is told how many rows are there', async () => {
  const shop = newShop()
  const loadId = await shop.deliver(shop.write({ customer: ['C1', 'C2', 'C3'].map((externalCustomerId) => ({ externalCustomerId })) }))
  const { shopId } = (await row<{ shopId: number }>(connection, sql`select shopId from \`load\` where id = ${loadId}`))!
  const holding = await connect(url)
  await holding.beginTransaction()
  await run(holding, sql`insert into crosswalk_customer (shopId, sourceKey, internalId, rowHash, firstLoadId, lastLoadId) values (${shopId}, 'C2', 1, '', ${loadId}, ${loadId})`)
  const loading = runHere(runner, loadId, { userId: null, via: 'cli', dryRun: false })
  await expect.poll(() => rows(connection, sql`select step.status, \`rows\` from step join attempt on attempt.id = attemptId where loadId = ${loadId} and name = 'write' and entity = 'customer'`), { timeout: 5_000 })
    .toEqual([{ status: 'running', rows: 3 }])
  await holding.rollback()
  await holding.end()
  await loading
  expect(await shop.rows('customer')).toHaveLength(3)
})

import { expect, test } from 'vitest'
import { UserError } from '#lib/errors.ts'
import { retryingDeadlocks } from './retrying.ts'

const gaveUp = (errno: number) => Object.assign(new Error('try restarting transaction'), { errno })

function failing(times: number, error: Error) {
  let tries = 0
  const transaction = async () => {
    if (++tries <= times) throw error
    return 'done'
  }
  return { transaction, tries: () => tries }
}

test.each([[1213], [1205], [1020]])('a transaction that the database gave up with %i is run again', async (errno) => {
  const { transaction, tries } = failing(4, gaveUp(errno))
  expect(await retryingDeadlocks(transaction)).toBe('done')
  expect(tries()).toBe(5)
})

test('one that it gives up every time is no bug of ours: it is told to try again, and when', async () => {
  const error = gaveUp(1205)
  const { transaction, tries } = failing(5, error)
  const told = await retryingDeadlocks(transaction).catch((e: unknown) => e as UserError)
  expect(told).toBeInstanceOf(UserError)
  expect(told).toMatchObject({ status: 503, details: { retryAfterSeconds: 5 }, cause: error })
  expect(tries()).toBe(5)
})

test('any other error is handed on at once', async () => {
  const error = gaveUp(1062)
  const { transaction, tries } = failing(1, error)
  await expect(retryingDeadlocks(transaction)).rejects.toBe(error)
  expect(tries()).toBe(1)
})

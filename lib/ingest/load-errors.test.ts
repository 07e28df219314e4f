import { describe, expect, test } from 'vitest'
import { Fenced, isOutOfSpace, isOwnDisk, isTransient, LoadFailed } from './load-errors.ts'

/** As the driver throws what the server says. */
const told = (errno: number, message = 'as the server says it') => Object.assign(new Error(message), { errno, code: 'ER_SOME', sqlState: 'HY000' })
/** As a socket, a file or the driver itself fails: the numbers of the operating system are negative. */
const failed = (code: string, errno?: number) => Object.assign(new Error(code), { code, errno })

describe('a load is tried again after', () => {
  test.each([
    [1213, 'a deadlock'], [1205, 'a lock that was waited for in vain'], [1020, 'a record that has changed since it was read (MariaDB from 11.6 on)'],
    [1053, 'a server that shuts down'], [1317, 'a query that was interrupted'], [1927, 'a connection that was killed'],
    [4031, 'a connection that stood still for too long (MySQL)'],
    [2006, 'a server that has gone away'], [2013, 'a connection lost during a query'], [1452, 'a parent that somebody has deleted meanwhile'], [1040, 'too many connections'], [1203, 'too many connections of one user'],
  ])('error %i, %s', (errno) => expect(isTransient(told(errno))).toBe(true))

  test.each(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT'])('a connection that ends with %s', (code) => expect(isTransient(failed(code))).toBe(true))

  test('a command for a connection that is closed by then', () => expect(isTransient(new Error("Can't add new command when connection is in closed state"))).toBe(true))
})

describe('a load is not tried again after', () => {
  test.each([
    [1062, 'a key that is there already'], [1064, 'a statement that is none'], [1146, 'a table that is not there'], [1406, 'a value that is too long'], [1292, 'a value that is none of its kind'],
    [1044, 'a missing right'], [1045, 'a wrong password'], [1114, 'a full table'], [1021, 'a full disk'],
  ])('error %i, %s', (errno) => expect(isTransient(told(errno))).toBe(false))

  test.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'ENOENT', 'EACCES'])('a file that ends with %s', (code) => expect(isTransient(failed(code, -28))).toBe(false))

  test.each([['an error of our own', new TypeError('x is undefined')], ['being taken over', new Fenced()], ['having failed', new LoadFailed('not_reconciled', 'The load does not reconcile.')]])('%s', (_, error) => expect(isTransient(error)).toBe(false))
})

describe('a load has no room', () => {
  test.each([[1114, 'a table is full'], [1021, 'a disk is full'], [1026, 'a file cannot be written']])('when the server says %i, %s', (errno) => {
    expect(isOutOfSpace(told(errno))).toBe(true)
    expect(isOwnDisk(told(errno))).toBe(false)
  })

  test('when the engine says 28, and not when it says anything else', () => {
    expect(isOutOfSpace(told(1030, 'Got error 28 "No space left on device" from storage engine InnoDB'))).toBe(true)
    expect(isOutOfSpace(told(1030, 'Got error 122 "Internal (unspecified) error in handler" from storage engine InnoDB'))).toBe(false)
    expect(isOutOfSpace(told(1030, 'Got error 287 from storage engine'))).toBe(false)
  })

  test.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('when a file of our own ends with %s', (code) => {
    expect(isOutOfSpace(failed(code, -28))).toBe(true)
    expect(isOwnDisk(failed(code, -28))).toBe(true)
  })

  test.each([[1205], [1213], [1020], [2013]])('and not when the server says %i', (errno) => expect(isOutOfSpace(told(errno))).toBe(false))
})

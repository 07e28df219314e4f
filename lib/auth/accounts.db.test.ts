import type { RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { createAccount } from './accounts.ts'
import { verifyPassword } from './password.ts'

const { connection } = await testDatabase()
let made = 0
const email = () => `account-${process.pid}-${++made}@example.com`

test('an account is kept with a lower-case e-mail and a hash of its password', async () => {
  const address = email()
  const account = await createAccount(connection, { email: ` ${address.toUpperCase()} `, name: 'Ana Ruiz', role: 'support', password: 'correct horse battery' })
  expect(account).toMatchObject({ email: address, role: 'support', generated: false })
  const [[row]] = await connection.query<RowDataPacket[]>('select * from `user` where id = ?', [account.id])
  expect(row).toMatchObject({ email: address, name: 'Ana Ruiz', role: 'support', sessionVersion: 1, disabledAt: null })
  expect(await verifyPassword(row!.passwordHash, 'correct horse battery')).toBe(true)
})

test('without a password a random one is made and returned', async () => {
  const account = await createAccount(connection, { email: email(), name: 'Ben', role: 'viewer' })
  expect(account.generated).toBe(true)
  const [[row]] = await connection.query<RowDataPacket[]>('select passwordHash from `user` where id = ?', [account.id])
  expect(await verifyPassword(row!.passwordHash, account.password)).toBe(true)
})

test('an e-mail has one account, whatever its letter case', async () => {
  const address = email()
  await createAccount(connection, { email: address, name: 'First', role: 'viewer' })
  await expect(createAccount(connection, { email: address.toUpperCase(), name: 'Second', role: 'admin' }))
    .rejects.toMatchObject({ code: 'conflict', message: `There is already an account with the e-mail ${address}.` })
})

test.each([
  [{ email: 'nobody' }, '"nobody" is not an e-mail address.'],
  [{ email: `${'a'.repeat(250)}@example.com` }, 'is not an e-mail address'],
  [{ name: '   ' }, 'The name must have 1 to 200 characters.'],
  [{ role: 'root' }, '"root" is not a role. Choose one of viewer, support, engineer, admin.'],
  [{ partner: 'nobody' }, 'There is no partner with the id "nobody".'],
  [{ password: 'too short 123' }, 'The password must have at least 15 characters.'],
  [{ password: 'x'.repeat(257) }, 'The password must have at most 256 characters.'],
  [{ password: 'aaaaaaaaaaaaaaaaaaaaaa' }, 'The password must have at least 5 different characters.'],
  [{ password: 'abcdef-abcdef-abcdef-' }, 'The password must not repeat the same 7 characters.'],
  [{ password: 'qwertyuiop1234567890' }, 'The password must not be a row of keys, letters or digits.'],
  [{ name: 'Maximilian Mustermann', password: 'Maximilian.Mustermann1' }, 'The password must not be the name or the e-mail address, with little more.'],
  [{ email: 'ana.lima-torres@example.com', password: 'ana.lima-torres@Example' }, 'The password must not be the name or the e-mail address, with little more.'],
  [{ password: 'Manchester United' }, 'The password is one of the first that would be guessed.'],
])('%o is refused in words', async (wrong, message) => {
  const account = { email: email(), name: 'Somebody', role: 'viewer', password: 'correct horse battery', ...wrong }
  await expect(createAccount(connection, account)).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(message) })
})

import { expect, test } from 'vitest'
import { UserError } from '#lib/errors.ts'
import { authorize, can, isRole, roles, type Permission, type Role } from './permissions.ts'

const expected: Record<Permission, Role[]> = {
  'load:read': ['viewer', 'support', 'engineer', 'admin'],
  'exception:read': ['viewer', 'support', 'engineer', 'admin'],
  'invoice:read': ['viewer', 'support', 'engineer', 'admin'],
  'account:own': ['viewer', 'support', 'engineer', 'admin'],
  'load:create': ['support', 'engineer', 'admin'],
  'load:rerun': ['support', 'engineer', 'admin'],
  'file:download': ['support', 'engineer', 'admin'],
  'shop:create': ['support', 'engineer', 'admin'],
  'pii:read': ['support', 'engineer', 'admin'],
  'staging:read': ['engineer', 'admin'],
  'health:read': ['engineer', 'admin'],
  'user:manage': ['admin'],
  'audit:read': ['admin'],
}

test.each(Object.entries(expected))('%s is granted to %s', (permission, granted) => {
  expect(roles.filter((role) => can({ role }, permission as Permission))).toEqual(granted)
})

test('whoever lacks a permission is told what the role does not allow', () => {
  expect(() => authorize({ role: 'viewer' }, 'load:create')).toThrow('Your role does not allow you to start loads.')
  try {
    authorize({ role: 'support' }, 'staging:read')
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).status).toBe(403)
  }
})

test('a role that does not exist is none', () => {
  expect(isRole('engineer')).toBe(true)
  expect(isRole('root')).toBe(false)
  expect(isRole('__proto__')).toBe(false)
})

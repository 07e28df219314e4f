import { expect, test } from 'vitest'
import { ownPath } from './own-path.ts'

test.each([
  ['/loads', '/loads'],
  ['/loads?status=failed&page=2', '/loads?status=failed&page=2'],
  ['/loads/12/exceptions', '/loads/12/exceptions'],
])('%s is a path to go on to', (wanted, path) => expect(ownPath(wanted)).toBe(path))

test.each([
  undefined, '', 'loads', '//evil.example', '/\\evil.example', '/\t/evil.example', '\\\\evil.example', 'https://evil.example/', 'javascript:alert(1)',
  '///evil.example', '/.//evil.example', '/a/..//evil.example',
])('%o leads to the home page', (wanted) => expect(ownPath(wanted)).toBe('/'))

test('of several addresses none is taken', () => expect(ownPath(['/loads', '/shops'])).toBe('/'))

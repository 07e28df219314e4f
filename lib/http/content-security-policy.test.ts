import { expect, test } from 'vitest'
import { contentSecurityPolicy } from './content-security-policy.ts'

test('scripts run only with the nonce of the answer, and nothing is loaded from elsewhere', () => {
  const policy = contentSecurityPolicy('abc', false)
  expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("object-src 'none'")
  expect(policy).not.toMatch(/'unsafe-eval'|https?:|\*/)
  expect(policy.split('; ').find((part) => part.startsWith('script-src '))).not.toContain('unsafe-inline')
})

test('only development allows eval, which React needs there', () => {
  expect(contentSecurityPolicy('abc', true)).toContain("'unsafe-eval'")
})

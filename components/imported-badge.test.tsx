import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { ImportedBadge } from './imported-badge.tsx'

/** What is left of the markup for who listens to it, or reads it on paper. */
function textOf(element: React.ReactElement): string {
  return renderToStaticMarkup(element).replace(/<span[^>]*aria-hidden[^>]*>[^<]*<\/span>/g, '').replace(/<[^>]+>/g, '').replaceAll('&amp;', '&').replaceAll('&lt;', '<')
}

const badge = { partner: 'Adventure Works', loadId: '2025-08-22_small-real', importedAt: '2025-08-22T02:30:00.000Z' }

test('the badge says where the row came from, in one sentence', () => {
  expect(textOf(<ImportedBadge {...badge} />)).toBe('Imported from Adventure Works, load 2025-08-22_small-real, Aug 22, 2025')
})

test('a row edited since then says so', () => {
  expect(textOf(<ImportedBadge {...badge} changedSince />)).toBe('Imported from Adventure Works, load 2025-08-22_small-real, Aug 22, 2025, changed here')
})

test('on screen a changed row shows that beside the word', () => {
  expect(renderToStaticMarkup(<ImportedBadge {...badge} changedSince />)).toMatch(/Imported<span[^>]*aria-hidden[^>]*>, changed here<\/span>/)
  expect(renderToStaticMarkup(<ImportedBadge {...badge} />)).not.toContain('changed here')
})

test('the date is told in the zone it is given', () => {
  expect(textOf(<ImportedBadge {...badge} timeZone="America/Chicago" />)).toContain(', Aug 21, 2025')
})

test('a partner with a name that looks like markup stays text', () => {
  expect(textOf(<ImportedBadge {...badge} partner={'<R&D'} />)).toContain('Imported from <R&D, load')
})

test('the tooltip is not in the page until it is asked for', () => {
  expect(renderToStaticMarkup(<ImportedBadge {...badge} />)).not.toContain('tooltip')
})

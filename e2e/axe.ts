import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Fails with the rule and the element of every violation of WCAG 2.2 A and AA; no rule is switched off. */
export async function expectAccessible(page: Page): Promise<void> {
  // Next sends the title behind the page, a moment later.
  await expect(page).toHaveTitle(/\S/)
  // There are no frames of other origins to look into, and what passes need not be described: both take most of the time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode()
    .options({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] }).analyze()
  expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))).toEqual([])
}

/** Fails when the page itself scrolls sideways, or when something to press is smaller than 24 by 24 pixels. */
export async function expectFitting(page: Page): Promise<void> {
  const { wide, small } = await page.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('button, input, select, [role="button"], [role="checkbox"], nav a, main a')]
    // Links within a sentence may be as low as its line (WCAG 2.5.8).
    const inText = (element: HTMLElement) => element.tagName === 'A' && getComputedStyle(element).display === 'inline'
    const small = controls.filter((element) => {
      const { width, height } = element.getBoundingClientRect()
      return element.checkVisibility({ visibilityProperty: true }) && width > 1 && height > 1 && (width < 24 || height < 24) && !inText(element)
    })
    return { wide: document.documentElement.scrollWidth - window.innerWidth, small: small.map((element) => element.outerHTML.slice(0, 160)) }
  })
  expect(wide, 'pixels that the page scrolls sideways').toBeLessThanOrEqual(0)
  expect(small, 'targets below 24 by 24 pixels').toEqual([])
}

/** How pages are looked at where each costs: both themes and both widths come up. */
export const looks = [{ colorScheme: 'light', width: 1440 }, { colorScheme: 'dark', width: 390 }] as const

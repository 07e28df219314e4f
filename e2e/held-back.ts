import type { Page } from '@playwright/test'

/** What holds the scripts of a page back, so that it is seen before it comes alive. */
export const SCRIPTS = /\/_next\/static\/.*\.js/

/** Holds back what a page asks of these addresses; gives what lets it through. */
export async function heldBack(page: Page, addresses: RegExp): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.route(addresses, async (route) => {
    await released
    await route.continue()
  })
  return release
}

import { expect, type Page } from '@playwright/test'

const squeezed = (text: string) => text.replace(/\s+/g, ' ')

/** Fails unless each of the texts can be read on the page, letter for letter, and nothing on the page came to life out of one. */
export async function expectShownAsText(page: Page, texts: readonly string[], what = page.url()): Promise<void> {
  const unseen = async () => {
    const shown = squeezed(await page.locator('body').innerText())
    return texts.filter((text) => !shown.includes(squeezed(text)))
  }
  await expect.poll(unseen, { message: `not shown as text: ${what}` }).toEqual([])
  await expectNothingAlive(page, what)
}

/** Fails when something on the page could run, load or send: handlers in attributes, addresses that are programs, foreign documents. */
export async function expectNothingAlive(page: Page, what = page.url()): Promise<void> {
  const alive = await page.evaluate(() => {
    const addresses = new Set(['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'ping'])
    return [...document.querySelectorAll('*')].filter((element) =>
      element.matches('iframe, object, embed, base, x14, math, video, meta[http-equiv=refresh]') || (element.localName === 'style' && element.textContent.includes('alert('))
      || [...element.attributes].some(({ name, value }) => name.startsWith('on') || (addresses.has(name) && /^\s*(javascript:|data:text|\/?evil)/i.test(value))),
    ).map((element) => element.outerHTML.slice(0, 200))
  })
  expect(alive, `came to life: ${what}`).toEqual([])
}

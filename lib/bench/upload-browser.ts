import path from 'node:path'
import type { Browser } from '@playwright/test'
import { UserError } from '#lib/errors.ts'
import type { BenchPortal } from './portal.ts'

/** Seven files read by the upload page's worker; `seconds` from the first file that it was given to its last answer. */
export type Inspection = { files: number; bytes: number; seconds: number }

type Note = { at: number; bytes: number; done: boolean }
declare global {
  interface Window {
    benchNotes: Note[]
  }
}

const READ_WITHIN_MS = 120_000

/** Chooses the files on the upload page, in a real Chromium, and listens to what passes between the page and its worker. */
export async function inspectInBrowser({ address, headers }: BenchPortal, shop: number, files: readonly string[]): Promise<Inspection> {
  const browser = await launch()
  try {
    const context = await browser.newContext()
    await context.addCookies(headers.cookie!.split('; ').map((cookie) => ({ name: cookie.slice(0, cookie.indexOf('=')), value: cookie.slice(cookie.indexOf('=') + 1), url: address })))
    const page = await context.newPage()
    await page.addInitScript(noteWorkers)
    await page.goto(`${address}/loads/new?shop=${shop}`)
    await page.getByLabel('Load id').fill(`bench-${Date.now()}`)
    await page.getByText('This load id is free.').waitFor()
    await page.getByRole('button', { name: 'Continue to files' }).click()
    await page.getByLabel('Files of the load').setInputFiles([...files])
    const csvs = files.filter((file) => path.extname(file) === '.csv').length
    await page.waitForFunction((wanted) => window.benchNotes.filter(({ done }) => done).length >= wanted, csvs, { timeout: READ_WITHIN_MS })
    const notes = await page.evaluate(() => window.benchNotes)
    const given = notes.filter(({ done }) => !done)
    const seconds = (Math.max(...notes.filter(({ done }) => done).map(({ at }) => at)) - Math.min(...given.map(({ at }) => at))) / 1000
    return { files: csvs, bytes: given.reduce((sum, { bytes }) => sum + bytes, 0), seconds }
  } finally {
    await browser.close()
  }
}

async function launch(): Promise<Browser> {
  const { chromium } = await import('@playwright/test').catch(() => {
    throw new UserError('unavailable', 'This needs the packages for tests. Run `npm test` or `npm ci --include=dev` once.')
  })
  // As root Chromium runs without its sandbox only.
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'] })
}

/** Runs in the page, before anything of its own. */
function noteWorkers(): void {
  window.benchNotes = []
  const note = (bytes: number, done: boolean) => window.benchNotes.push({ at: performance.now(), bytes, done })
  window.Worker = class extends Worker {
    constructor(...from: ConstructorParameters<typeof Worker>) {
      super(...from)
      this.addEventListener('message', ({ data }: MessageEvent<{ kind: string }>) => { if (data.kind === 'csv') note(0, true) })
    }

    override postMessage(message: { kind: string; file?: Blob }, ...rest: unknown[]): void {
      if (message.kind === 'csv') note(message.file!.size, false)
      super.postMessage(message, ...(rest as []))
    }
  }
}

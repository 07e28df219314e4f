import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { appendAudit } from '#lib/audit/append.ts'
import { createAccount, replacePassword } from '#lib/auth/accounts.ts'
import { generatePassword, verifyPassword } from '#lib/auth/password.ts'
import { roles, type Role } from '#lib/auth/permissions.ts'
import { config, dataDir } from '#lib/config.ts'
import { UserError } from '#lib/errors.ts'
import type { Report } from '#lib/ingest/report.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { bundled } from '#lib/sample/bundled.ts'
import { createNativeInvoices } from '#lib/sample/native.ts'
import { command } from '../command.ts'
import { serveUntilStopped, startInstallation } from '../installation.ts'
import { PortalClient } from '../portal-client.ts'
import { presentReport } from '../present-report.ts'

type DemoAccount = { role: Role; email: string; password: string }
type LoadState = { status: string }

const SAMPLE = path.resolve(import.meta.dirname, '../../fixtures/sample/imports', bundled.partner, bundled.shop, bundled.loadId)
const NAMES: Record<Role, string> = { viewer: 'Vivian Viewer', support: 'Sam Support', engineer: 'Erin Engineer', admin: 'Alex Admin' }
const logs = () => path.join(dataDir(), 'logs')
const NATIVE_INVOICES = 12
const UNDER_WAY = ['uploading', 'queued', 'running']
const LOADED_WITHIN_MS = 180_000

/** One account per role. Their passwords are kept in the data folder, so that starting again prints the same. */
async function demoAccounts(db: Connection): Promise<DemoAccount[]> {
  const file = path.join(dataDir(), 'demo-accounts.json')
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoAccount[]) : []
  const accounts: DemoAccount[] = []
  for (const role of roles) {
    const email = `${role}@onramp.example`
    const password = kept.find((account) => account.email === email)?.password ?? generatePassword()
    const [[known]] = await db.query<RowDataPacket[]>('select id, passwordHash from `user` where email = ?', [email])
    if (!known || !(await verifyPassword(known.passwordHash, password))) {
      await db.beginTransaction()
      const { id } = known ? await replacePassword(db, { email, password, mustChangePassword: false }) : await createAccount(db, { email, name: NAMES[role], role, password })
      await appendAudit(db, { user: null, actor: 'cli', action: known ? 'password_changed' : 'user_created', objectType: 'user', objectId: id })
      await db.commit()
    }
    accounts.push({ role, email, password })
  }
  writeFileSync(file, JSON.stringify(accounts, null, 2), { mode: 0o600 })
  return accounts
}

/** Throws where a database that was named in the settings has accounts of other people: the demo's accounts and shop have no place there. */
async function refuseInUse(url: string): Promise<void> {
  const db = await connect(url).catch(nullIf(NO_SUCH_DATABASE))
  try {
    const others = await db?.query<RowDataPacket[]>("select 1 from `user` where email not like '%@onramp.example' limit 1").catch(nullIf(NO_SUCH_TABLE))
    if (others?.[0].length) throw new UserError('conflict', 'The database of DATABASE_URL is in use: it has accounts that are not the demo’s. Unset DATABASE_URL to try Onramp with a database of its own; `npm start` starts this installation.')
  } finally {
    await db?.end()
  }
}

const [NO_SUCH_DATABASE, NO_SUCH_TABLE] = [1049, 1146]
const nullIf = (errno: number) => (error: { errno?: number }) => {
  if (error.errno === errno) return null
  throw error
}

/** The sample's shop; made, with its partner, on the first start. */
async function sampleShop(portal: PortalClient): Promise<string> {
  const { partners } = await portal.get<{ partners: { id: string; slug: string }[] }>(`/api/v1/partners?slug=${bundled.partner}`)
  const partner = partners.find(({ slug }) => slug === bundled.partner)
    ?? await portal.post<{ id: string }>('/api/v1/partners', { slug: bundled.partner, name: bundled.partnerName })
  const { shops } = await portal.get<{ shops: { id: string; slug: string }[] }>(`/api/v1/shops?slug=${bundled.shop}&partner=${partner.id}`)
  const shop = shops.find(({ slug }) => slug === bundled.shop)
    ?? await portal.post<{ id: string }>('/api/v1/shops', {
      partnerId: partner.id, slug: bundled.shop, name: bundled.shopName, timeZone: bundled.timeZone,
    })
  return shop.id
}

/** What the shop wrote in our product before its books came: the invoices list shows both. */
async function nativeInvoices(db: Connection, shopId: string): Promise<void> {
  const [[found]] = await db.query<RowDataPacket[]>('select 1 from invoice where shopId = ? and importedLoadId is null limit 1', [shopId])
  if (!found) await createNativeInvoices(db, Number(shopId), NATIVE_INVOICES, 1)
}

async function untilLoaded(portal: PortalClient, id: string): Promise<Report> {
  const deadline = Date.now() + LOADED_WITHIN_MS
  while (UNDER_WAY.includes((await portal.get<LoadState>(`/api/v1/loads/${id}`)).status)) {
    if (Date.now() > deadline) throw new Error(`the sample load has not ended for ${LOADED_WITHIN_MS / 1000} seconds; see ${logs()}`)
    await sleep(300)
  }
  return portal.get<Report>(`/api/v1/loads/${id}/report`)
}

function welcome(address: string, accounts: DemoAccount[]): string {
  const width = Math.max(...accounts.map(({ email }) => email.length))
  return [
    '', `Onramp answers at ${address}`, '', 'Sign in as',
    ...accounts.map(({ role, email, password }) => `  ${role.padEnd(9)} ${email.padEnd(width)}  ${password}`),
    '', `Logs are in ${logs()}. Ctrl-C stops everything; starting again keeps the data.`,
  ].join('\n')
}

export default command({
  summary: 'everything at once: database, portal, worker, accounts, and a sample shop loaded',
  usage: '[--exit]',
  options: { exit: { type: 'boolean', help: 'ends after the report, instead of staying until Ctrl-C' } },
  positionals: { min: 0, max: 0 },
  async run({ values: { exit } }) {
    const given = config().DATABASE_URL
    if (given) await refuseInUse(given)
    const installation = await startInstallation({ logs: logs() })
    try {
      const db = await connect(installation.databaseUrl)
      try {
        const accounts = await demoAccounts(db)
        const portal = await PortalClient.signIn(installation.localAddress, accounts.find(({ role }) => role === 'support')!)
        const shopId = await sampleShop(portal)
        await nativeInvoices(db, shopId)
        console.error(`Loading the sample shop ${bundled.shopName} …`)
        const report = await untilLoaded(portal, await portal.sendLoad(shopId, bundled.loadId, SAMPLE))
        console.log(presentReport(report))
        console.log(welcome(installation.address, accounts))
      } finally {
        await db.end()
      }
    } catch (error) {
      await installation.stop()
      throw error
    }
    if (!exit) return serveUntilStopped(installation)
    await installation.stop()
    return 0
  },
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ownServer } from '#lib/db/testing-own-server.ts'
import { buildReport } from '#lib/ingest/report.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { canonicalDump } from './canon.ts'
import { runHere } from './run-here.ts'
import { disturbance, killStarted, type Disturbance, type Prepared } from './testing-disturbed.ts'
import { installationOn, testInstallation, type PackageFiles, type TestInstallation } from './testing.ts'

afterAll(killStarted)

const dumpWithoutFailures = ({ url }: TestInstallation, { shopId }: Prepared) => canonicalDump(url, shopId, 'failed')

/** What the last attempt at the shop's second load has come to. */
async function lastAttempt({ runner, stagingTables }: TestInstallation, { shopId }: Prepared) {
  const found = (await row<{ id: number; loadId: number }>(runner.db, sql`
    select attempt.id, loadId from attempt join \`load\` on \`load\`.id = attempt.loadId where shopId = ${shopId} and slug = 'second' order by attempt.id desc limit 1`))!
  const { status, failure } = await buildReport(runner.db, found.id)
  const failedAt = (await rows<{ name: string }>(runner.db, sql`select distinct name from step where attemptId = ${found.id} and status = 'failed'`)).map(({ name }) => name)
  const open = await rows(runner.db, sql`select 1 from job where shopId = ${shopId} and status in ('queued', 'running')`)
  return { status, code: failure?.code, message: failure?.message, failedAt, open: open.length, staged: await stagingTables(found.loadId) }
}


describe('a database that has no room', async () => {
  // What is not told to be elsewhere is in one file, which may not grow beyond this; temporary tables are in another.
  const server = await ownServer(['--innodb-data-file-path=ibdata1:12M:autoextend:max:96M', '--innodb-temp-data-file-path=ibtmp1:12M:autoextend:max:16M', '--innodb-file-per-table=0', '--innodb-flush-log-at-trx-commit=0'])
  const connection = await connect(server.url)
  afterAll(() => connection.end())
  const installation = installationOn(server.url, connection)
  const { runner } = installation
  const staging = (where: 'elsewhere' | 'there') => connection.query(`set global innodb_file_per_table = ${where === 'elsewhere' ? 1 : 0}`)

  const NOTE = 1_500
  const books = (round: number): PackageFiles => ({
    invoice: Array.from({ length: 3_000 }, (_, i) => ({ externalDocumentId: `I${i}`, externalCustomerId: 'C1', shopNote: `${i % 10} ${String(round).repeat(NOTE)}`, total: '1.50' })),
  })
  let d: Disturbance
  beforeAll(async () => {
    await staging('elsewhere')
    d = await disturbance(installation, books)
  })

  const CELL_BYTES = 4_000
  const FULL = 1114
  const MAKES = { shared: 'table', temporary: 'temporary table' }
  const fill = (table: string, cells: number) => connection.query(`insert into ${table} select repeat('x', ${CELL_BYTES}) from seq_1_to_${cells}`)
  async function drop(...tables: string[]): Promise<void> {
    await connection.query(`drop table if exists ${tables.join(', ')}`)
    // The server gives their room back in its own time.
    await connection.query('set global innodb_max_purge_lag_wait = 0')
  }
  const makeRoom = () => drop('crumbs', 'filler')
  afterEach(makeRoom)

  /** Fills the file, but for what a load needs to tell of itself: far less than its rows. */
  async function takeRoom(file: keyof typeof MAKES): Promise<void> {
    await staging('there')
    for (const name of ['crumbs', 'filler']) await connection.query(`create ${MAKES[file]} ${name} (x varchar(${CELL_BYTES}) character set latin1)`)
    await fill('crumbs', 250)
    for (let cells = 1_000; cells > 1;) {
      await fill('filler', cells).catch((error: { errno: number }) => {
        expect(error.errno).toBe(FULL)
        cells = Math.floor(cells / 5)
      })
    }
    await drop('crumbs')
  }

  /** Runs the shop's second load as a worker does; gives the errors that the worker's log would have. */
  async function load(shop: Prepared, dryRun = false): Promise<unknown[]> {
    const errors: unknown[] = []
    await runHere({ ...runner, onError: (error) => void errors.push(error) }, await shop.shop.deliver(shop.folder), { userId: null, via: 'cli', dryRun })
    return errors
  }

  const cases: [string, { isNew: boolean; full: keyof typeof MAKES; stages: 'elsewhere' | 'there'; dryRun?: boolean; step: string }][] = [
    ['for what is staged', { isNew: false, full: 'shared', stages: 'there', step: 'stage' }],
    ['for a shop’s first rows', { isNew: true, full: 'shared', stages: 'elsewhere', step: 'write' }],
    ['for changed rows and what they were before', { isNew: false, full: 'shared', stages: 'elsewhere', step: 'write' }],
    ['for the temporary tables of a dry run', { isNew: true, full: 'temporary', stages: 'elsewhere', dryRun: true, step: 'write' }],
  ]
  test.each(cases)('%s ends the load as failed and says so; nothing was written, what was staged is gone, and with room the load runs', async (_, { isNew, full, stages, dryRun, step }) => {
    const shop = await d.prepare({ isNew })
    await takeRoom(full)
    await staging(stages)
    const errors = await load(shop, dryRun)
    expect(errors).toMatchObject([{ errno: FULL }])
    expect(await lastAttempt(installation, shop)).toEqual({
      // What else is being done ends with it.
      status: 'failed', code: 'no_space', failedAt: expect.arrayContaining([step]), open: 0, staged: [],
      message: 'The database’s disk is full (ER_RECORD_FILE_FULL). Nothing was written, and what was staged is gone again. Make room, then run the load again.',
    })
    expect(await d.state(shop)).toBe('before')
    await staging('elsewhere')
    await makeRoom()
    expect(await load(shop)).toEqual([])
    expect(await dumpWithoutFailures(installation, shop)).toBe(d.undisturbed(shop))
  })
})

describe('a worker whose temporary files have no room', async () => {
  const installation = await testInstallation('no_space')
  const folder = mkdtempSync(path.join(tmpdir(), 'onramp-full-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // A worker keeps 4 MB in memory before it writes a file.
  const books = (round: number): PackageFiles => ({
    customer: Array.from({ length: round === 0 ? 10 : 4_300 }, (_, i) => ({ externalCustomerId: `C${i}`, firstName: `round ${round}`, preferredContact: 'x'.repeat(1_000) })),
  })
  let d: Disturbance
  beforeAll(async () => { d = await disturbance(installation, books) })

  const mounted = (rights: readonly string[]) => ['unshare', ...rights, 'sh', '-c', 'mount -t tmpfs -o size=1m onramp "$0" && exec "$@"', folder]
  const mounts = [['--mount'], ['--user', '--map-root-user', '--mount']].map(mounted).find(([program, ...args]) => spawnSync(program!, [...args, 'true']).status === 0)
  const ways: [string, string, readonly string[]][] = [
    ['the largest file that it may write is too small', 'EFBIG', ['prlimit', '--fsize=1000000']],
    // Not everybody may mount what only this process sees.
    ...(mounts ? [['their disk is full', 'ENOSPC', mounts] as [string, string, readonly string[]]] : []),
  ]

  test.each(ways)('since %s fails the load and says so: while it stages, and while a dry run tells what it found', async (_, code, by) => {
    const shop = await d.prepare()
    const rerun = (...more: string[]) => d.start(['rerun', shop.name, ...more], { TMPDIR: folder }, [], by).ended
    const noSpace = {
      status: 'failed', code: 'no_space', open: 0,
      message: `There is no room for the worker’s temporary files (${code}). Nothing was written, and what was staged is gone again. Make room, then run the load again.`,
    }
    await shop.shop.deliver(shop.folder)
    expect(await rerun()).toEqual({ code: 1, signal: null })
    expect(await lastAttempt(installation, shop)).toEqual({ ...noSpace, failedAt: ['stage'], staged: [] })
    expect(await d.state(shop)).toBe('before')
    expect(await d.start(['rerun', shop.name]).ended).toEqual({ code: 0, signal: null })
    expect(await dumpWithoutFailures(installation, shop)).toBe(d.undisturbed(shop))

    // What is staged by now is not staged again.
    expect(await rerun('--dry-run')).toEqual({ code: 1, signal: null })
    expect(await lastAttempt(installation, shop)).toMatchObject({ ...noSpace, failedAt: ['publish'] })
    expect(await dumpWithoutFailures(installation, shop)).toBe(d.undisturbed(shop))
  })
})

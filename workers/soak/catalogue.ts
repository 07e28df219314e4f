/** Tests of a catalogue entry: all of a file, or those with these words in their names. */
export type Tests = { file: string; only?: string }
/** `plain`: how often a plain run of its tests does what it is about; `soak`: how often a soak has to. */
export type Entry = { id: string; what: string; plain: number; soak: number; tests: readonly Tests[] }
export type Suite = 'unit' | 'db' | 'e2e'

const KILLS = 'lib/jobs/kills.db.test.ts'
const LOST = 'lib/jobs/lost-worker.db.test.ts'
const CONCURRENCY = 'lib/jobs/concurrency.db.test.ts'
const FAULTS = 'lib/jobs/faults.db.test.ts'
const RERUNS = 'lib/jobs/reruns.db.test.ts'
const RACES = 'lib/upload/races.db.test.ts'
const UPLOAD_KILLS = 'lib/upload/kills.db.test.ts'
const DISTURBED = 'e2e/disturbed.spec.ts'

/** The entries of the test catalogue (RELIABILITY.md, column SOAK) that tests do, when they are told to do it more often. */
export const catalogue: readonly Entry[] = [
  { id: 'C1', what: 'killed at any place of a load or an upload', plain: 32, soak: 71 * 50, tests: [{ file: KILLS, only: 'a worker killed at any place of a load' }, { file: UPLOAD_KILLS }] },
  { id: 'C2', what: 'killed again while a load is taken up', plain: 12, soak: 500, tests: [{ file: KILLS, only: 'workers killed again while they take a load up' }] },
  { id: 'C3', what: 'told to stop, once and twice', plain: 4, soak: 200, tests: [{ file: KILLS, only: 'told to stop' }, { file: LOST, only: 'told to stop' }] },
  { id: 'C4', what: 'an error that nobody catches, no memory left', plain: 3, soak: 50, tests: [{ file: KILLS, only: 'a worker that dies of itself' }] },
  { id: 'C5', what: 'the portal killed while files arrive and pages listen', plain: 6, soak: 200, tests: [{ file: UPLOAD_KILLS }, { file: DISTURBED, only: 'while the portal is killed and away' }] },
  { id: 'B1', what: 'loads that two workers race for', plain: 500, soak: 20_000, tests: [{ file: CONCURRENCY, only: 'that race for' }] },
  { id: 'B2', what: 'a worker that wakes up past its lease', plain: 4, soak: 500, tests: [{ file: CONCURRENCY, only: 'a worker that stood still past its lease' }] },
  { id: 'B3', what: 'a clock that is ten minutes wrong', plain: 2, soak: 50, tests: [{ file: CONCURRENCY, only: 'a clock that is ten minutes wrong' }] },
  { id: 'B4', what: 'loads of one shop and of several', plain: 8, soak: 500, tests: [{ file: CONCURRENCY, only: 'run the loads of one shop one after the other' }] },
  { id: 'B5', what: 'twenty requests at once for one load, also with other bytes', plain: 5, soak: 1_000, tests: [{ file: RACES, only: 'twenty requests at once' }] },
  { id: 'B6', what: 'arrivals told several times, late and in any order', plain: 8, soak: 1_000, tests: [{ file: RACES, only: 'files that are announced as arrived one to five times each' }] },
  { id: 'B7', what: 'rerun, role and purge while something runs', plain: 1, soak: 100, tests: [{ file: RACES, only: 'while a load runs' }, { file: RACES, only: 'staged rows that are purged while people look at them' }] },
  { id: 'D1', what: 'a connection that breaks at a statement', plain: 60, soak: 400 * 10, tests: [{ file: FAULTS, only: 'at any statement of a load' }] },
  { id: 'D2', what: 'a commit whose answer is lost', plain: 8, soak: 1_000, tests: [{ file: FAULTS, only: 'at the commit, sent or not' }] },
  { id: 'D3', what: 'forced deadlocks', plain: 6, soak: 5_000, tests: [{ file: FAULTS, only: 'in the opposite order' }] },
  { id: 'D4', what: 'rows that somebody else holds for long', plain: 1, soak: 50, tests: [{ file: FAULTS, only: 'for long are waited for and tried again' }] },
  { id: 'D5', what: 'DDL in a transaction, settings of a session', plain: 8, soak: 8, tests: [{ file: 'lib/ingest/sql/connect.db.test.ts' }, { file: 'lib/db/hostile-settings.db.test.ts' }] },
  { id: 'D6', what: 'nasty cells', plain: 200, soak: 20_000, tests: [{ file: FAULTS, only: 'what a cell may hold' }] },
  { id: 'D7', what: 'the database away', plain: 1, soak: 20, tests: [{ file: DISTURBED, only: 'while the database is away' }, { file: LOST, only: 'started while the database is away' }] },
  { id: 'D8', what: 'a disk that is full', plain: 6, soak: 30, tests: [{ file: 'lib/jobs/no-space.db.test.ts' }, { file: 'lib/store/disk.test.ts', only: 'that takes no more in the middle of a file' }] },
  { id: 'S1', what: 'sizes up to 500 MB', plain: 9, soak: 30, tests: [{ file: 'e2e/upload-sizes.spec.ts' }] },
  { id: 'S2', what: 'uploads cut at random bytes', plain: 100, soak: 2_000, tests: [{ file: 'lib/upload/cuts.db.test.ts' }] },
  { id: 'S3', what: 'a store that fails', plain: 6, soak: 600, tests: [{ file: 'lib/jobs/store-faults.db.test.ts' }] },
  { id: 'S4', what: 'packages that are not complete', plain: 40, soak: 40, tests: [{ file: 'lib/jobs/contract-rules-package.db.test.ts' }] },
  { id: 'E1', what: 'reruns', plain: 20, soak: 200, tests: [{ file: RERUNS, only: 'reruns of a load that was refused first' }] },
  { id: 'E2', what: 'one row in a hundred changed', plain: 1, soak: 100, tests: [{ file: RERUNS, only: 'of a delivery with 1 % of its rows changed' }] },
  { id: 'E3', what: 'only the rejected rows, corrected', plain: 1, soak: 100, tests: [{ file: RERUNS, only: 'correcting' }] },
  { id: 'E4', what: 'the same books written otherwise', plain: 3, soak: 1_000, tests: [{ file: RERUNS, only: 'the same books written otherwise' }] },
  { id: 'Z1', what: 'mutated packages', plain: 10_000, soak: 1_000_000, tests: [{ file: 'lib/fuzz/packages.test.ts' }] },
  { id: 'Z2', what: 'mutated packages with worker and database', plain: 300, soak: 10_000, tests: [{ file: 'lib/jobs/hostile.db.test.ts', only: 'broken packages are refused or loaded whole' }] },
  { id: 'Z4', what: 'our parser beside another', plain: 5_000, soak: 500_000, tests: [{ file: 'lib/fuzz/csv-parsers.test.ts' }] },
  { id: 'Z5', what: 'random requests', plain: 3_000, soak: 100_000, tests: [{ file: 'e2e/hostile-requests.spec.ts' }] },
  { id: 'X4', what: 'sessions that are ended', plain: 20, soak: 20, tests: [{ file: 'lib/http/ended-session.db.test.ts' }] },
  { id: 'X8', what: 'formulas in what we hand out, also in a spreadsheet', plain: 60 * 6, soak: 60 * 6, tests: [{ file: 'lib/http/exports.db.test.ts' }, { file: 'lib/csv-export.test.ts' }] },
  { id: 'X12', what: 'an audit trail that somebody changed', plain: 200, soak: 5_000, tests: [{ file: 'lib/audit/audit.db.test.ts', only: 'random edits, deletions, swaps, insertions and cuts' }, { file: 'lib/audit/audit.db.test.ts', only: 'fifty writers at once' }] },
  { id: 'J1', what: 'backup and restore', plain: 1, soak: 10, tests: [{ file: 'lib/keeping/backup.db.test.ts' }] },
  { id: 'J2', what: 'tables that are brought forward', plain: 1, soak: 1, tests: [{ file: 'lib/jobs/migrations.db.test.ts' }, { file: 'lib/jobs/released-schemas.db.test.ts' }] },
  { id: 'J3', what: 'what is kept for 90 days', plain: 12, soak: 50, tests: [{ file: 'lib/keeping/retention.db.test.ts' }] },
]

/** Entries that a soak with `--minutes` does itself. */
export const BY_SOAK = ['C6', 'S5', 'J4', 'Z3'] as const
/** Entries of which a soak asks no more than `npm test` does. */
export const BY_TESTS = ['X1', 'X2', 'X3', 'X5', 'X6', 'X7', 'X9', 'X10', 'X11', 'X13', 'X14', 'X15', 'X16'] as const

/** How many times over the tests of an entry have to do what they do, `most` at the most. */
export const timesOf = ({ plain, soak }: Entry, most = Infinity): number => Math.min(most, Math.ceil(soak / plain))

export const suiteOf = (file: string): Suite => (file.endsWith('.spec.ts') ? 'e2e' : file.endsWith('.db.test.ts') ? 'db' : 'unit')

/** Whether the tests of a file do more when ONRAMP_TEST_TIMES says so. Others are run so many times over. */
export const countsItself = (source: string): boolean => /from '[^']*\/times\.ts'/.test(source)

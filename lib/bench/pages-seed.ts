import type { Connection } from 'mysql2/promise'
import { readHeader } from '#lib/contract/header.ts'
import { entities, entityOf } from '#lib/contract/index.ts'
import { stagedColumns } from '#lib/ingest/csv/staged-columns.ts'
import { serverOf } from '#lib/ingest/sql/server.ts'
import { ident, join, raw, row, run, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { createExceptions, createRepeats, createStaging, createStopped, createValues, createWork, stagingTable } from '#lib/ingest/sql/staging.ts'

/** How much there is to look at. */
export type PageSizes = {
  /** In the ledger, of many shops over three years. */
  loads: number
  /** Staged line items of one load. */
  staged: number
  /** In one load. */
  exceptions: number
  /** In one shop. */
  invoices: number
}
/** Where the seeded rows are: ids of the one large load, of its attempt, of an exception in the midst of it, and of the shop with the many invoices. */
export type Seeded = { shop: number; load: number; attempt: number; exception: string; staging: string }

const SHOPS = 200
const PARTNERS = 20
const PEOPLE = 30
// Whoever runs the benchmark has an account already.
const FIRST_PERSON = 1_000
const DAYS = 1_000
const NATIVE_IDS_FROM = 1_000_000_000_000
const LINE_ITEM = entityOf('line_item')

/**
 * Fills a migrated, empty database with rows that look like years of use, by statements over sets. What follows from a row's
 * number is the same each time. Figures that the pages add up (ledger lines, counts) agree with the rows.
 */
export async function seedPages(db: Connection, stagingSchema: string, sizes: PageSizes): Promise<Seeded> {
  const seeded: Seeded = { shop: 1, load: sizes.loads, attempt: sizes.loads, exception: '', staging: stagingTable(sizes.loads, 1, LINE_ITEM.name) }
  await run(db, sql`create table bench_number (n int not null primary key) engine=InnoDB`)
  await run(db, numbersUpTo(Math.max(sizes.loads, sizes.staged, sizes.exceptions, sizes.invoices)))
  const seed = async (statements: readonly Sql[]) => { for (const statement of statements) await run(db, statement) }
  await seed(people())
  await seed(ledger(sizes.loads))
  await seed(bigLoad(seeded, sizes))
  await seed(exceptions(seeded, sizes))
  seeded.exception = String((await row<{ id: number }>(db, sql`select min(id) + 75 as id from load_exception`))!.id)
  await seed(invoices(seeded, sizes.invoices))
  await seed(await staging(db, stagingSchema, seeded, sizes))
  await run(db, sql`drop table bench_number`)
  await run(db, sql`create table bench_seeded (sizes varchar(500) not null, seeded varchar(500) not null) engine=InnoDB`)
  const tables = ['load', 'attempt', 'job', 'ledger_line', 'audit_event', 'load_exception', 'row_change', 'customer', 'vehicle', 'invoice', 'line_item', 'payment', 'staged_file', 'shop']
  await run(db, sql`analyze table ${join(tables.map((name) => ident(name)))}`)
  await run(db, sql`insert into bench_seeded values (${JSON.stringify(sizes)}, ${JSON.stringify(seeded)})`)
  return seeded
}

/** What a database that was seeded to these sizes holds, or null when it was seeded to others, halfway or never. */
export async function seededBefore(db: Connection, stagingSchema: string, sizes: PageSizes): Promise<Seeded | null> {
  const known = await row(db, sql`select 1 from information_schema.tables where table_schema = database() and table_name = 'bench_seeded'`)
  const found = known && await row<{ sizes: string; seeded: string }>(db, sql`select sizes, seeded from bench_seeded`)
  if (found?.sizes !== JSON.stringify(sizes)) return null
  const seeded = JSON.parse(found.seeded) as Seeded
  return (await row(db, sql`select 1 from information_schema.tables where table_schema = ${stagingSchema} and table_name = ${seeded.staging}`)) ? seeded : null
}

// Both servers have other ways to count (a sequence engine, recursion within limits of their own); ten times ten they have in common.
function numbersUpTo(most: number): Sql {
  const digits = String(most).length
  const digit = raw(`(select 0 as d ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `union all select ${d}`).join(' ')})`)
  const places = Array.from({ length: digits }, (_, i) => i)
  const n = join(places.map((i) => sql`${raw(`d${i}.d * ${10 ** i}`)}`), ' + ')
  return sql`insert into bench_number select n from (select ${n} + 1 as n from ${join(places.map((i) => sql`${digit} ${raw(`d${i}`)}`))}) counted where n <= ${most} order by n`
}

/** A number below `below` that follows from a row's number and looks like chance. */
const chance = (salt: string, below: number, n: Sql = raw('n')): Sql => sql`(crc32(concat(${salt}, ${n})) mod ${below})`
const pick = (salt: string, words: readonly string[], n?: Sql): Sql => sql`elt(1 + ${chance(salt, words.length, n)}, ${words})`

function people(): Sql[] {
  return [
    sql`insert into partner (id, slug, name) select n, concat('partner-', n), concat(${pick('p', ['Torque', 'Piston', 'Crank', 'Valve', 'Spark'])}, 'line ', n) from bench_number where n <= ${PARTNERS}`,
    sql`insert into shop (id, partnerId, slug, name, timeZone)
      select n, 1 + n mod ${PARTNERS}, lpad(n, 4, '0'), concat(${pick('s', ['Mill River', 'Oak Street', 'Harbor', 'Summit', 'Lakeside'])}, ' Auto ', n), 'America/New_York' from bench_number where n <= ${SHOPS}`,
    sql`insert into \`user\` (id, email, name, role, passwordHash) select ${FIRST_PERSON} + n, concat('person-', n, '@bench.example'), concat('Person ', n), 'support', '' from bench_number where n <= ${PEOPLE}`,
  ]
}

const STATUS = sql`case
  when ${chance('status', 1000)} < 5 then 'cancelled' when ${chance('status', 1000)} < 8 then 'uploading'
  when ${chance('status', 1000)} < 40 then 'failed_validation' when ${chance('status', 1000)} < 60 then 'failed'
  when ${chance('status', 1000)} < 260 then 'completed_with_exceptions' else 'completed' end`
const ENDED = raw(`('completed', 'completed_with_exceptions', 'failed', 'failed_validation')`)
const COMPLETED = raw(`('completed', 'completed_with_exceptions')`)

function ledger(loads: number): Sql[] {
  const spacing = Math.max(1, Math.round(DAYS * 86_400 / loads))
  return [
    sql`insert into \`load\` (id, shopId, slug, status, delivery, currentAttempt, completedAttempt, createdByUserId, createdAt, updatedAt)
      select n, 1 + ${chance('shop', SHOPS)}, concat('load-', n), status, 1, ended, if(status in ${COMPLETED}, 1, null),
        if(${chance('who', 10)} = 0, null, ${FIRST_PERSON} + 1 + ${chance('who', PEOPLE)}), at, at + interval 10 minute
      from (select n, status, status in ${ENDED} as ended, now(3) - interval ((${loads} - n) * ${spacing} + 3600) second as at
        from (select n, ${STATUS} as status from bench_number where n <= ${loads}) numbered) dated`,
    // The large load is the newest, and completed.
    sql`update \`load\` set status = 'completed_with_exceptions', shopId = 1, slug = 'large', currentAttempt = 1, completedAttempt = 1 where id = ${loads}`,
    sql`insert into attempt (id, loadId, number, delivery, status, startedByUserId, startedVia, startedAt, finishedAt, seconds, records, errors, warnings)
      select id, id, 1, 1, status, createdByUserId, if(createdByUserId is null, 'cli', 'portal'), createdAt + interval 1 minute, createdAt + interval 2 minute,
        5 + ${chance('time', 3000, raw('id'))} / 10, 500 + ${chance('size', 200_000, raw('id'))},
        if(status = 'completed_with_exceptions', 1 + ${chance('errors', 900, raw('id'))}, 0), if(status in ${COMPLETED}, greatest(0, cast(${chance('warnings', 900, raw('id'))} as signed) - 600), 0)
      from \`load\` where currentAttempt = 1`,
    // Every seventh was looked at once more, in a dry run that changed nothing.
    sql`insert into attempt (id, loadId, number, delivery, status, dryRun, startedVia, startedAt, finishedAt, seconds, records, errors, warnings)
      select ${loads} + id, id, 2, 1, status, true, 'cli', createdAt + interval 4 minute, createdAt + interval 5 minute, 7, 500, 0, 0
      from \`load\` where completedAttempt = 1 and id mod 7 = 0 and id < ${loads}`,
    sql`update \`load\` set currentAttempt = 2 where completedAttempt = 1 and id mod 7 = 0 and id < ${loads}`,
    sql`update \`load\` l join attempt a on a.loadId = l.id and a.number = 1 set l.seconds = a.seconds, l.records = a.records, l.errors = a.errors, l.warnings = a.warnings`,
    sql`insert into job (loadId, shopId, status, requestedByUserId, requestedVia, createdAt, finishedAt, notBefore)
      select id, shopId, 'done', createdByUserId, if(createdByUserId is null, 'cli', 'portal'), createdAt, updatedAt, createdAt from \`load\` where currentAttempt > 0`,
    sql`insert into ledger_line (attemptId, entity, manifest, records, staged, accepted, inserted)
      select attempt.id, entity.name, records div 7, records div 7, records div 7, records div 7, records div 7
      from attempt cross join (${join(entities.map((e) => sql`select ${e.name} as name`), ' union all ')}) entity
      where attempt.status in ${COMPLETED} and attempt.id < ${loads}`,
    sql`insert into audit_event (at, userId, actor, action, objectType, objectId, detail)
      select createdAt, createdByUserId, coalesce(concat('person-', createdByUserId, '@bench.example'), 'cli'), action.name, 'load', id, '{"delivery": 1}'
      from \`load\` cross join (select 'load_created' as name union all select 'load_sent') action`,
    // These events are in no chain; the next one must not take the number of one of them.
    sql`update audit_chain set number = (select max(id) from audit_event)`,
  ]
}

function bigLoad({ load, attempt }: Seeded, { staged }: PageSizes): Sql[] {
  const files = entities.map((e) => sql`(${load}, 1, ${e.file}, ${e.name}, 1000000, ${'0'.repeat(64)}, 'kept', ${staged}, ${staged}, now(3))`)
  const steps = ['package', 'reconcile', 'publish'].map((name) => sql`(${attempt}, ${name}, '', 'done', now(3), now(3), 1.5, ${staged})`)
  const byEntity = ['stage', 'validate', 'match', 'write'].flatMap((name) => entities.map((e) => sql`(${attempt}, ${name}, ${e.name}, 'done', now(3), now(3), 2.5, ${staged})`))
  const lines = entities.filter((e) => e !== LINE_ITEM).map((e) => sql`(${attempt}, ${e.name}, 1000, 1000, 1000, 1000, 1000)`)
  return [
    sql`insert into load_file (loadId, delivery, name, entity, bytes, sha256, storeKey, manifestRows, records, receivedAt) values ${join(files)}`,
    sql`insert into step (attemptId, name, entity, status, startedAt, finishedAt, seconds, \`rows\`) values ${join([...steps, ...byEntity])}`,
    sql`insert into ledger_line (attemptId, entity, manifest, records, staged, accepted, inserted) values ${join(lines)}`,
    sql`insert into money_line (attemptId, measure, \`file\`, accepted, production) values (${attempt}, 'invoice.total', 1, 1, 1), (${attempt}, 'invoice.tax', 1, 1, 1)`,
  ]
}

// How the exceptions spread over their groups, in hundredths. The rows below others hang on rejected invoices.
const KINDS = [
  { share: 20, entity: 'line_item', column: 'total', code: 'invalid_decimal', severity: 'error' },
  { share: 5, entity: 'invoice', column: 'createdOn', code: 'invalid_datetime', severity: 'error' },
  { share: 30, entity: 'line_item', column: 'externalDocumentId', code: 'parent_rejected', severity: 'error' },
  { share: 5, entity: 'payment', column: 'paymentAmount', code: 'rule_payment_positive', severity: 'error' },
  { share: 15, entity: 'customer', column: 'contactEmail', code: 'invalid_email', severity: 'warning' },
  { share: 10, entity: 'vehicle', column: 'vin', code: 'invalid_vin', severity: 'warning' },
  { share: 15, entity: 'line_item', column: 'markupTypeRefCd', code: 'invalid_enum', severity: 'warning' },
] as const

/** Errors of line items are those of distinct records, spread over the whole file. */
function exceptions({ attempt }: Seeded, { exceptions: count, staged }: PageSizes): Sql[] {
  let before = 0
  return KINDS.map(({ share, entity, column, code, severity }) => {
    const [first, last] = [Math.floor(before * count / 100), Math.floor((before + share) * count / 100)]
    before += share
    const record = sql`(1 + (n - 1) * ${Math.max(1, Math.floor(staged / count))})`
    const cause = code === 'parent_rejected' ? sql`'invoice', 1 + (20 * ${Math.floor(count / 100)} + n mod ${Math.max(1, Math.floor(count / 20))}) * ${Math.max(1, Math.floor(staged / count))}` : raw('null, null')
    return sql`insert into load_exception (attemptId, entity, \`file\`, line, record, \`key\`, \`column\`, code, severity, value, detail, causeEntity, causeRecord)
      select ${attempt}, ${entity}, ${entityOf(entity).file}, ${record} + 1, ${record}, concat('K-', n), ${column}, ${code}, ${severity}, concat('value ', ${chance('value', 5000)}), null, ${cause}
      from bench_number where n > ${first} and n <= ${last} order by n`
  })
}

function invoices({ shop, load }: Seeded, count: number): Sql[] {
  const customers = Math.max(1, Math.floor(count / 4))
  const at = sql`now(3) - interval 2 day`
  return [
    sql`insert into customer (id, shopId, importedLoadId, externalCustomerId, firstName, lastName, createdAt, updatedAt)
      select n, ${shop}, ${load}, concat('C-', n), ${pick('first', ['Ann', 'Ben', 'Cal', 'Dee', 'Eve', 'Fay', 'Gus', 'Hal'])}, concat(${pick('last', ['Stone', 'Rivers', 'Marsh', 'Field', 'Woods'])}, ' ', ${chance('name', 5000)}), ${at}, ${at}
      from bench_number where n <= ${customers}`,
    sql`insert into vehicle (id, shopId, customerId, importedLoadId, externalVehicleId, year, make, model, licensePlate, createdAt, updatedAt)
      select n, ${shop}, n, ${load}, concat('V-', n), 1995 + ${chance('year', 30)}, ${pick('make', ['Ford', 'Toyota', 'Honda', 'Subaru'])}, 'Model', concat('BCH ', n), ${at}, ${at}
      from bench_number where n <= ${customers}`,
    // One in fifty was made in the product; one in four of the others was edited since it came.
    sql`insert into invoice (id, shopId, customerId, vehicleId, importedLoadId, externalDocumentId, createdOn, state, total, createdAt, updatedAt)
      select if(n mod 50 = 0, ${NATIVE_IDS_FROM} + n, n), ${shop}, 1 + ${chance('customer', customers)}, 1 + ${chance('vehicle', customers)},
        if(n mod 50 = 0, null, ${load}), if(n mod 50 = 0, null, concat('INV-', n)), now(3) - interval (${chance('day', 2000)} * 1440 + ${chance('minute', 1440)}) minute,
        if(${chance('state', 40)} = 0, null, ${pick('state', ['draft', 'in_progress', 'paid', 'paid', 'paid', 'cancelled'])}), ${chance('total', 300_000)} / 100,
        ${at}, if(n mod 4 = 0, ${at} + interval 1 day, ${at})
      from bench_number where n <= ${count}`,
    sql`insert into payment (shopId, invoiceId, importedLoadId, paymentDate, paymentAmount, paymentStatus)
      select ${shop}, id, importedLoadId, createdOn, total, if(${chance('paid', 20, raw('id'))} = 0, null, 'completed') from invoice where shopId = ${shop}`,
    sql`insert into line_item (shopId, invoiceId, importedLoadId, externalDatalineId, lineNumber, datalineType, datalineName, quantityOrHours, priceRate, total)
      select ${shop}, invoice.id, ${load}, concat(invoice.id, '-', n), n, 'part', 'Oil filter', 1, 9.9, 9.9
      from (select id from invoice where shopId = ${shop} order by createdOn desc, id desc limit 20) invoice join bench_number on n <= 600`,
  ]
}

/**
 * The staged line items. Most are new; those that were changed, and those that stayed as they were, come last: whoever looks
 * for them by reading through the file reads all of it.
 */
async function staging(db: Connection, schema: string, { load, attempt, staging: name }: Seeded, { staged, exceptions: count }: PageSizes): Promise<Sql[]> {
  const header = readHeader(LINE_ITEM, Object.keys(LINE_ITEM.columns))
  const server = await serverOf(db)
  const table = ident(schema, name)
  const beside = (suffix: string) => ident(schema, `${name}_${suffix}`)
  const few = Math.min(100, Math.floor(staged / 100))
  const [firstUnchanged, firstChanged] = [Math.floor(staged * 0.9), staged - few]
  // As in exceptions(): the first fifth of them, and those with a rejected parent.
  const spacing = Math.max(1, Math.floor(staged / count))
  const [ownErrors, orphansFrom, orphansTo] = [20, 25, 55].map((share) => Math.floor(share * count / 100)) as [number, number, number]
  const isRejected = sql`((n - 1) mod ${spacing} = 0 and ((n - 1) div ${spacing} < ${ownErrors} or ((n - 1) div ${spacing} >= ${orphansFrom} and (n - 1) div ${spacing} < ${orphansTo})))`
  const rejectedByValue = sql`((n - 1) mod ${spacing} = 0 and (n - 1) div ${spacing} < ${ownErrors})`
  const action = sql`case when ${isRejected} then 'rejected' when n > ${firstChanged} then 'changed' when n mod ${Math.max(2, Math.floor(staged / few))} = 2 then 'superseded' else 'new' end`
  return [
    createStaging(LINE_ITEM, table, [], server), createValues(LINE_ITEM, beside('values'), header, server), createWork(LINE_ITEM, beside('work')), createExceptions(beside('exceptions'), server),
    createRepeats(beside('repeats')), createStopped(beside('stopped')),
    sql`insert into ${table} (_record, _line, _verdict, _differs, sourceAppName, externalShopId, externalDocumentId, externalDatalineId, lineNumber, datalineType, datalineName,
        description, partNumber, cost, priceRate, quantityOrHours, subtotal, taxable, total, _datalineType, _taxable)
      select n, n + 1, ${rejectedByValue}, 0, 'Torqueline', '0417', concat('INV-', n div 4), concat('L-', n), 1 + n mod 4, 'part', ${pick('part', ['Oil filter', 'Brake pad', 'Wiper blade', 'Spark plug'])},
        'Replaced as agreed with the customer, old part kept', concat('PN-', ${chance('pn', 9000)}), '5.50', '9.90', '1', '9.90', 'true', '9.90', 'part', 1
      from bench_number where n <= ${staged} order by n`,
    sql`insert into ${beside('work')} (_record, action, id, invoiceId) select n, ${action}, n, n div 4 from bench_number
      where n <= ${staged} and not ${rejectedByValue} and (n <= ${firstUnchanged} or n > ${firstChanged} or ${isRejected}) order by n`,
    sql`insert into ${beside('repeats')} select _record, _record + 1, action from ${beside('work')} where action = 'superseded'`,
    sql`insert into ${beside('stopped')} select concat('L-old-', n), n from bench_number where n <= ${Math.floor(staged / 10)} order by n`,
    sql`insert into staged_file (loadId, attempt, entity, sha256, fingerprint, tableName, \`columns\`, records, facts)
      values (${load}, 1, ${LINE_ITEM.name}, ${'0'.repeat(64)}, '', ${name}, ${JSON.stringify(stagedColumns(LINE_ITEM, header))}, ${staged}, ${JSON.stringify({ exceptions: true, differing: false })})`,
    sql`insert into ledger_line (attemptId, entity, manifest, records, staged, accepted, rejected, superseded, inserted, updated, unchanged, stopped)
      select ${attempt}, ${LINE_ITEM.name}, ${staged}, ${staged}, ${staged}, ${staged} - rejected - superseded, rejected, superseded, inserted, updated, ${staged} - rejected - superseded - inserted - updated, ${Math.floor(staged / 10)}
      from (select (select count(distinct record) from load_exception where attemptId = ${attempt} and entity = ${LINE_ITEM.name} and severity = 'error') as rejected,
        sum(action = 'superseded') as superseded, sum(action = 'new') as inserted, sum(action = 'changed') as updated from ${beside('work')}) counted`,
    sql`analyze table ${table}, ${beside('work')}, ${beside('stopped')}`,
  ]
}

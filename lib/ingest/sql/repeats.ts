import type { Entity } from '#lib/contract/index.ts'
import { ident, join, raw, sql, type Sql } from './sql.ts'

type Tables = { staging: Sql; repeats: Sql; exceptions: Sql }

/** Holds the records that `findRepeats` looks at: those whose keys may come more than once. */
export const repeatingTable = raw('repeating')
export const createRepeating: readonly Sql[] = [
  raw('drop temporary table if exists repeating, repeated'),
  raw('create temporary table repeating (_record int not null primary key) engine=InnoDB'),
]

/**
 * Finds the earlier records of keys that come more than once in a file, and whether each says the same as the last one
 * (contract rule 18). `cells` are all staged texts.
 */
export function findRepeats(e: Entity, { staging, repeats }: Tables, cells: string[]): Sql[] {
  const key = ident(e.key)
  const same = join(cells.map((cell) => sql`earlier.${ident(cell)} <=> last.${ident(cell)}`), ' and ')
  return [
    raw('create temporary table repeated (sourceKey varbinary(200) not null primary key, winner int not null) engine=InnoDB'),
    sql`insert into repeated select cast(staged.${key} as binary), max(staged._record)
      from repeating straight_join ${staging} staged on staged._record = repeating._record group by cast(staged.${key} as binary) having count(*) > 1`,
    sql`insert into ${repeats} (_record, winner, action)
      select earlier._record, repeated.winner, if(${same}, 'identical', 'superseded')
      from repeating straight_join ${staging} earlier on earlier._record = repeating._record
      straight_join repeated on repeated.sourceKey = cast(earlier.${key} as binary)
      straight_join ${staging} last on last._record = repeated.winner
      where earlier._record < repeated.winner`,
    raw('drop temporary table repeating, repeated'),
  ]
}

/** One warning for each superseded record, naming both lines. */
export function tellRepeats(e: Entity, { staging, repeats, exceptions }: Tables): Sql {
  return sql`insert into ${exceptions} (_record, _line, \`key\`, \`column\`, code, severity, detail)
    select earlier._record, earlier._line, left(earlier.${ident(e.key)}, 200), ${e.key}, 'duplicate_key', 'warning', last._line
    from ${repeats} found
    straight_join ${staging} earlier on earlier._record = found._record
    straight_join ${staging} last on last._record = found.winner
    where found.action = 'superseded' order by earlier._record`
}

import { AGAIN } from '../csv/row-plan.ts'
import type { Entity } from '#lib/contract/index.ts'
import { ident, join, raw, sql, type Sql } from './sql.ts'

type Tables = { staging: Sql; repeats: Sql; exceptions: Sql }

/**
 * Finds the earlier records of keys that come more than once in a file, and whether each says the same as the last one
 * (contract rule 18). Only keys that the pass suspected (`AGAIN`) are looked at. `cells` are all staged texts.
 */
export function findRepeats(e: Entity, { staging, repeats }: Tables, cells: string[]): Sql[] {
  const key = ident(e.key)
  const same = join(cells.map((cell) => sql`earlier.${ident(cell)} <=> last.${ident(cell)}`), ' and ')
  return [
    raw('drop temporary table if exists suspect, repeated'),
    raw('create temporary table suspect (sourceKey varbinary(200) not null primary key) engine=InnoDB'),
    sql`insert into suspect select distinct cast(${key} as binary) from ${staging} where _marks & ${AGAIN}`,
    raw('create temporary table repeated (sourceKey varbinary(200) not null primary key, winner int not null) engine=InnoDB'),
    sql`insert into repeated select suspect.sourceKey, max(_record) from ${staging} staged
      straight_join suspect on suspect.sourceKey = cast(staged.${key} as binary) group by suspect.sourceKey having count(*) > 1`,
    sql`insert into ${repeats} (_record, winner, action)
      select earlier._record, repeated.winner, if(${same}, 'identical', 'superseded')
      from ${staging} earlier
      straight_join repeated on repeated.sourceKey = cast(earlier.${key} as binary)
      straight_join ${staging} last on last._record = repeated.winner
      where earlier._record < repeated.winner`,
    raw('drop temporary table suspect, repeated'),
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

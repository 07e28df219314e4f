/**
 * What decides on what a statement means, on what it keeps and on what it gives back: ours in every session, of the pipeline and
 * of the portal, whatever the server's own settings. Both servers know all of them.
 */
export const sessionVariables = {
  // With a server's own off, what is written outside of a transaction would go when the connection does.
  autocommit: 1,
  completion_type: 'NO_CHAIN',
  time_zone: '+00:00',
  sql_mode: 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  foreign_key_checks: 1,
  unique_checks: 1,
  sql_auto_is_null: 0,
  // These refuse statements over many rows, or give back some rows only and say nothing.
  sql_safe_updates: 0,
  sql_big_selects: 1,
  sql_select_limit: Number.MAX_SAFE_INTEGER,
  // Without warnings nobody is told that a row was not taken as it was sent.
  max_error_count: 64,
} as const

/** A list of assignments as `set session` takes it. */
export const assigned = (variables: Readonly<Record<string, string | number>>): string =>
  Object.entries(variables).map(([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value}'`}`).join(', ')

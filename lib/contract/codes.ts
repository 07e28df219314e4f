/** Everything that can be said about a record. The sentences live in `explain.ts`. */
export const exceptionCodes = [
  'too_few_cells', 'too_many_cells', 'text_after_quote', 'nul_character',
  'required', 'too_long', 'invalid_integer', 'invalid_decimal', 'invalid_boolean', 'invalid_enum', 'invalid_datetime',
  'invalid_phone', 'invalid_email', 'invalid_vin', 'below_min', 'above_max', 'too_large', 'precision_lost',
  'rule_mileage', 'rule_date_range', 'rule_labor_hours', 'rule_negative_total',
  'rule_payment_positive', 'rule_payment_limit', 'rule_quantity',
  'duplicate_key', 'parent_missing', 'parent_rejected', 'parent_of_other_invoice', 'parent_is_itself', 'parent_cycle',
  'link_kept_empty', 'deleted_in_shop', 'unknown_column', 'unnamed_column', 'unlisted_file', 'newer_rows_kept',
] as const
export type ExceptionCode = (typeof exceptionCodes)[number]
export type Severity = 'error' | 'warning'

/** Everything that makes a load fail before anything is staged (contract rules 3, 5, 6, 9), and the machine's failures. */
export const problemCodes = [
  'manifest_missing', 'manifest_too_large', 'manifest_not_json', 'manifest_shape', 'schema_version_unknown',
  'load_id_differs', 'entry_missing', 'entry_twice', 'entry_unknown', 'entry_path', 'invoice_file_twice',
  'file_missing', 'sha256_missing', 'sha256_differs', 'rows_differ', 'customers_empty',
  'not_utf8', 'utf16', 'unclosed_quote', 'record_too_large', 'header_unreadable', 'column_missing', 'column_twice',
  'too_many_columns', 'load_id_reused',
] as const
export type ProblemCode = (typeof problemCodes)[number]

export const failureCodes = ['package_refused', 'load_id_reused', 'not_reconciled', 'database_error', 'no_space', 'worker_lost', 'cancelled', 'not_run', 'internal_error'] as const
export type FailureCode = (typeof failureCodes)[number]

/** One thing wrong with a package: which file, where, what, and what to do. */
export type Problem = { file: string | null; line: number | null; column: string | null; code: ProblemCode; message: string }
export type Failure = { code: FailureCode; message: string; problems: Problem[] }

/** What of an error may be logged: its class, code and place. Messages of the database may quote rows. */
export function withoutValues(error: unknown): { errorClass: string; errorCode?: unknown; stack?: string[] } {
  if (!(error instanceof Error)) return { errorClass: typeof error }
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).map((line) => line.trim())
  return { errorClass: error.name, errorCode: (error as { code?: unknown }).code, stack }
}

/** An error as a terminal may show it, whose output often ends in a log: of the database's own only what may be logged. */
export function forTerminal(error: unknown): unknown {
  if (!isOfDatabase(error)) return error
  const { errorClass, errorCode, stack = [] } = withoutValues(error)
  return [`${errorClass}: the database refused (${String(errorCode)})`, ...stack.map((line) => `    ${line}`)].join('\n')
}

/** Whether the database's driver threw it, or caused it. */
export function isOfDatabase(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if ('sqlMessage' in at || 'sqlState' in at) return true
  return false
}

/** What of an error may be logged: its class, code and place. Messages of the database may quote rows. */
export function withoutValues(error: unknown): { errorClass: string; errorCode?: unknown; stack?: string[] } {
  if (!(error instanceof Error)) return { errorClass: typeof error }
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).map((line) => line.trim())
  return { errorClass: error.name, errorCode: (error as { code?: unknown }).code, stack }
}

/** Why the API refused: a sentence to show, and facts for what the page offers next. */
export class Refusal extends Error {
  readonly code: string
  readonly details: unknown
  constructor(code: string, message: string, details: unknown) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.details = details
  }
}

/** Asks the API. Throws Refusal, also when the server cannot be reached. */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, body === undefined ? {} : {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  }).catch(() => null)
  if (!answer) throw new Refusal('unreachable', 'The server cannot be reached. Check the connection and try again.', null)
  const content: unknown = await answer.json().catch(() => null)
  if (answer.ok) return content as T
  const { code, message, details } = (content as { error?: { code?: string; message?: string; details?: unknown } } | null)?.error ?? {}
  throw new Refusal(code ?? 'unexpected', message ?? 'The server did not answer as expected. Try again in a moment.', details ?? null)
}

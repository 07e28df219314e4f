import { Refusal } from '#components/upload/api.ts'

export { Refusal } from '#components/upload/api.ts'

/** Asks the API for a change. Throws Refusal, also when the server cannot be reached. */
export async function send<T = unknown>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, {
    method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => null)
  if (!answer) throw new Refusal('unreachable', 'The server cannot be reached. Check the connection and try again.', null)
  const content: unknown = await answer.json().catch(() => null)
  if (answer.ok) return content as T
  const { code, message, details } = (content as { error?: { code?: string; message?: string; details?: unknown } } | null)?.error ?? {}
  throw new Refusal(code ?? 'unexpected', message ?? 'The server did not answer as expected. Try again in a moment.', details ?? null)
}

/** The sentences of a refusal that belong to fields, by the field's name. */
export function fieldErrors({ details }: Refusal): Record<string, string> {
  return (details as { fields?: Record<string, string> } | null)?.fields ?? {}
}

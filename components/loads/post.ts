/** Sends a change to the API. Gives null when it is done, else the sentence to show. */
export async function post(path: string, body?: unknown): Promise<string | null> {
  const answer = await fetch(path, {
    method: 'POST',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => null)
  if (!answer) return 'The server cannot be reached. Check the connection and try again.'
  if (answer.ok) return null
  const refusal = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null
  return refusal?.error?.message ?? 'The server did not answer as expected. Try again in a moment.'
}

/** Why signing in did not work: a key of the login form's sentences. */
export type SignInRefusal = 'CredentialsSignin' | 'too_many_requests' | 'unreachable'

/** Signs this browser in; gives the reason when that is refused. */
export async function signIn(email: string, password: string): Promise<SignInRefusal | null> {
  try {
    const answer = await post('/api/auth/callback/credentials', { email, password })
    const { url } = (await answer.json()) as { url?: string }
    const refusal = url && new URL(url, window.location.origin).searchParams.get('error')
    if (answer.ok && !refusal) return null
    return refusal === 'CredentialsSignin' || refusal === 'too_many_requests' ? refusal : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

/** Ends the session of this browser, and leaves with a full page load, so that nothing of it stays in memory. */
export async function signOut(): Promise<void> {
  await post('/api/auth/signout', {})
  window.location.assign('/login')
}

/** next-auth takes forms, guarded by a token of its own against requests of other sites. */
async function post(path: string, fields: Record<string, string>): Promise<Response> {
  const { csrfToken } = (await (await fetch('/api/auth/csrf')).json()) as { csrfToken: string }
  return fetch(path, { method: 'POST', body: new URLSearchParams({ ...fields, csrfToken, callbackUrl: '/', json: 'true' }) })
}

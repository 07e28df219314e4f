const SOMETHING_SMALL = '/icon.svg'

/**
 * Whether the portal can be reached. Asked before a page reads itself again: where that fails, Next leaves the page for the
 * browser's own words about the connection, and nothing brings it back.
 */
export async function portalAnswers(): Promise<boolean> {
  return fetch(SOMETHING_SMALL, { method: 'HEAD', cache: 'no-store' }).then((answer) => answer.ok, () => false)
}

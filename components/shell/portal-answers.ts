const SOMETHING_SMALL = '/icon.svg'

/**
 * Whether the portal can be reached. Asked before a page reads itself again: while that is not so each reading would wait, and all
 * be made at once afterwards; and an answer of something in front of the portal would take the place of the page.
 */
export async function portalAnswers(): Promise<boolean> {
  return fetch(SOMETHING_SMALL, { method: 'HEAD', cache: 'no-store' }).then((answer) => answer.ok, () => false)
}

/** Whether a text may be the id of something: one word with a digit in it. Names of people and shops are not sent in addresses. */
export function looksLikeId(text: string): boolean {
  return /^[^\s@]*\d[^\s@]*$/.test(text)
}

/**
 * The target of a request with each part of its path that cannot be decoded taken as it stands. Next answers 500 to such a
 * path, without a word and without our headers; so it is an address like any other that does not exist.
 */
export function decodable(target: string): string {
  const [path, ...query] = target.split(/(?=[?#])/)
  return [path!.split('/').map((part) => (isDecodable(part) ? part : part.replaceAll('%', '%25'))).join('/'), ...query].join('')
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

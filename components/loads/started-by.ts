const ways: Record<string, string> = { portal: 'Portal', cli: 'Command line', event: 'Storage event', worker: 'Worker', demo: 'Demo' }

/** Where something was started when nobody was signed in, in words: `Command line`. A name or an address stays what it is. */
export function wayWord(via: string): string {
  return ways[via] ?? via
}

/** Who started something: `Ana Ruiz`, or `Command line` when nobody was signed in. */
export function startedBy({ startedBy, startedVia }: { startedBy: string | null; startedVia: string | null }): string {
  return startedBy ?? (startedVia === null ? '—' : wayWord(startedVia))
}

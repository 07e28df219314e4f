const places: Record<string, string> = { portal: 'Portal', cli: 'Command line', event: 'Storage event', worker: 'Worker', demo: 'Demo' }

/** Who started something, and where: `Ana Ruiz`, or `Command line` when nobody was signed in. */
export function startedBy({ startedBy, startedVia }: { startedBy: string | null; startedVia: string | null }): string {
  return startedBy ?? (startedVia === null ? '—' : (places[startedVia] ?? startedVia))
}

const places: Record<string, string> = { portal: 'the portal', cli: 'the command line', event: 'a storage event', worker: 'a worker', demo: 'the demo' }

/** Who started something, and where: `Ana Ruiz`, or `the command line` when nobody was signed in. */
export function startedBy({ startedBy, startedVia }: { startedBy: string | null; startedVia: string | null }): string {
  return startedBy ?? (startedVia === null ? '—' : (places[startedVia] ?? startedVia))
}

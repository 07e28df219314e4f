const stateWords: Record<string, string> = {
  draft: 'Draft', pending: 'Pending', in_progress: 'In progress', completed: 'Completed', cancelled: 'Cancelled', paid: 'Paid', none: 'No state',
}

/** An invoice's state as on every screen. */
export function stateWord(state: string | null): string {
  return stateWords[state ?? 'none'] ?? state!
}

/** A value of a list in the contract as words: `credit_card` is "Credit card". */
export function words(value: string | null): string {
  if (!value) return '—'
  const spaced = value.replaceAll('_', ' ')
  return spaced === 'ach' ? 'ACH' : spaced === 'paypal' ? 'PayPal' : spaced[0]!.toUpperCase() + spaced.slice(1)
}

/** A day in the shop's zone: "Aug 22, 2025". */
export function dayIn(timeZone: string, iso: string): string {
  return new Date(iso).toLocaleDateString('en-US', { dateStyle: 'medium', timeZone })
}

/** A moment in the shop's zone, with the zone's short name: "Aug 22, 2025, 2:30 PM CDT". */
export function momentIn(timeZone: string, iso: string): string {
  const options = { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short', timeZone } as const
  return new Date(iso).toLocaleString('en-US', options)
}

/** Hours or pieces without the zeros behind: `1.5000` is "1.5". */
export function quantity(value: string): string {
  return value.includes('.') ? value.replace(/\.?0+$/, '') : value
}

import { expect, test } from 'vitest'
import { isTimeZone, localToUtc } from './time-zone.ts'

const inUtc = (zone: string, local: string) => new Date(localToUtc(zone)(Date.parse(`${local}Z`))).toISOString()

test('zones are IANA names', () => {
  for (const zone of ['America/New_York', 'Europe/Berlin', 'UTC', 'Asia/Kolkata']) expect(isTimeZone(zone), zone).toBe(true)
  for (const zone of ['', 'New York', 'America/Springfield', '../../etc/passwd', '+05:00', '-08']) expect(isTimeZone(zone), zone).toBe(false)
})

test('an hour that was skipped moves forward by what was skipped', () => {
  expect(inUtc('Europe/Berlin', '2025-03-30T02:30')).toBe('2025-03-30T01:30:00.000Z')
  // Half an hour on Lord Howe, a whole day on Samoa.
  expect(inUtc('Australia/Lord_Howe', '2025-10-05T02:15')).toBe('2025-10-04T15:45:00.000Z')
  expect(inUtc('Pacific/Apia', '2011-12-30T12:00')).toBe('2011-12-30T22:00:00.000Z')
})

test('a time that occurs twice is the first', () => {
  expect(inUtc('Europe/Berlin', '2025-10-26T02:30')).toBe('2025-10-26T00:30:00.000Z')
  expect(inUtc('Australia/Lord_Howe', '2025-04-06T01:45')).toBe('2025-04-05T14:45:00.000Z')
})

test('every other time comes back as the same local time', () => {
  for (const zone of ['America/New_York', 'America/Phoenix', 'Asia/Kolkata', 'Pacific/Apia', 'America/St_Johns', 'Africa/Casablanca']) {
    const toUtc = localToUtc(zone)
    const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    let moved = 0
    for (let ms = Date.UTC(2025, 0, 1, 0, 30); ms < Date.UTC(2026, 0, 1); ms += 3_600_000) {
      if (local.format(toUtc(ms)) !== new Date(ms).toISOString().slice(0, 19).replace('T', ' ')) moved++
    }
    // Only hours that were skipped cannot come back.
    expect(moved, zone).toBeLessThanOrEqual(1)
  }
})

test('before standard time the offset has seconds', () => {
  expect(inUtc('America/New_York', '1883-11-18T11:00')).toBe('1883-11-18T15:56:02.000Z')
})

// Between instants and what stands in a field for date and time: the city's local time.

import { session } from './session.svelte'

const kept = new Map<string, Intl.DateTimeFormat>()

function parts(at: number): Record<string, string> {
  const zone = session.city?.time_zone ?? 'UTC'
  let format = kept.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
    kept.set(zone, format)
  }
  return Object.fromEntries(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]))
}

/** `2026-11-22T18:04` in the city's zone, for a field of type datetime-local. */
export function localText(at: number): string {
  const { year, month, day, hour, minute } = parts(at)
  return `${year}-${month}-${day}T${hour}:${minute}`
}

/** The city's date at an instant, ISO 8601. */
export function localDate(at: number): string {
  return localText(at).slice(0, 10)
}

/**
 * The instant of a local time (ms), or null where the text is none. A time that the change to
 * summer time skips moves on by the gap; of one that occurs twice it is the first.
 */
export function instantOf(text: string): number | null {
  const wanted = Date.parse(`${text}:00Z`)
  if (Number.isNaN(wanted)) return null
  const offsets = [wanted - 86_400_000, wanted + 86_400_000].map(
    (at) => Date.parse(`${localText(at)}:00Z`) - Math.floor(at / 60_000) * 60_000,
  )
  const found = offsets.map((offset) => wanted - offset)
  const fitting = found.filter((at) => localText(at) === text)
  return fitting.length > 0 ? Math.min(...fitting) : Math.max(...found)
}

/** ISO 8601 in UTC, whole seconds. */
export function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

// Anchors: what a switching point hangs on. Reads and writes the compact notation in which the
// documents hold them (`sunset+10m not_after 20:30`), and moves them as anchors: by their offset,
// or by their clock time. Where an anchor falls on a night only the service says.

export type SunEvent = 'sunset' | 'sunrise' | 'civil_dusk' | 'civil_dawn'
export type Direction = 'rising' | 'setting'

interface Common {
  /** Elapsed seconds after (before, if negative) the event, at most 12 hours. */
  offset_s: number
  /** Local wall times, `HH:MM` or `HH:MM:SS`. */
  not_before: string | null
  not_after: string | null
}

export type Anchor = Common &
  (
    | { kind: 'clock'; local_time: string }
    | { kind: 'sun'; event: SunEvent }
    | { kind: 'elevation'; value: number; direction: Direction }
    | { kind: 'lux'; value: number; direction: Direction }
  )

/** What a person may hang a point on, in the order of the choice. */
export const BASES = [
  'clock',
  'sunset',
  'sunrise',
  'civil_dusk',
  'civil_dawn',
  'elevation_setting',
  'elevation_rising',
  'lux_setting',
  'lux_rising',
] as const
export type Base = (typeof BASES)[number]

export const MAX_OFFSET_S = 12 * 3600
const DAY_S = 86_400

const BASE =
  /^(?:(?<clock>\d{1,2}:\d{2}(?::\d{2})?)|(?<event>sunset|sunrise|civil_dusk|civil_dawn)|(?<quantity>elevation|lux)\(\s*(?<value>[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*\)\s*(?<direction>rising|setting))/
const OFFSET = /^\s*([-+])\s*(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?/
const CLAMP = /^\s+(not_before|not_after)\s+(\d{1,2}:\d{2}(?::\d{2})?)/

/** The anchor of a text in the notation; null where it is none. */
export function parseAnchor(text: string): Anchor | null {
  const found = BASE.exec(text.trim())
  if (!found?.groups) return null
  let rest = text.trim().slice(found[0].length)
  const common: Common = { offset_s: 0, not_before: null, not_after: null }
  const offset = OFFSET.exec(rest)
  if (offset) {
    const seconds =
      Number(offset[2] ?? 0) * 3600 + Number(offset[3] ?? 0) * 60 + Number(offset[4] ?? 0)
    common.offset_s = offset[1] === '-' ? -seconds : seconds
    rest = rest.slice(offset[0].length)
  }
  for (let clamp = CLAMP.exec(rest); clamp; clamp = CLAMP.exec(rest)) {
    common[clamp[1] as 'not_before' | 'not_after'] = wallTime(secondsOf(clamp[2]!))
    rest = rest.slice(clamp[0].length)
  }
  if (rest.trim()) return null
  const { clock, event, quantity, value, direction } = found.groups
  if (clock) return { kind: 'clock', local_time: wallTime(secondsOf(clock)), ...common }
  if (event) return { kind: 'sun', event: event as SunEvent, ...common }
  return {
    kind: quantity as 'elevation' | 'lux',
    value: Number(value),
    direction: direction as Direction,
    ...common,
  }
}

/** The compact notation of an anchor. */
export function anchorText(anchor: Anchor): string {
  const base =
    anchor.kind === 'clock'
      ? anchor.local_time
      : anchor.kind === 'sun'
        ? anchor.event
        : `${anchor.kind}(${anchor.value})${anchor.direction}`
  const parts = [base + offsetText(anchor.offset_s)]
  if (anchor.not_before !== null) parts.push(`not_before ${anchor.not_before}`)
  if (anchor.not_after !== null) parts.push(`not_after ${anchor.not_after}`)
  return parts.join(' ')
}

/** `+1h30m`, `-5m`; empty for none. */
export function offsetText(offset_s: number): string {
  if (!offset_s) return ''
  const size = Math.abs(offset_s)
  const units: [number, string][] = [
    [Math.floor(size / 3600), 'h'],
    [Math.floor((size % 3600) / 60), 'm'],
    [size % 60, 's'],
  ]
  return (offset_s < 0 ? '-' : '+') + units.map(([n, unit]) => (n ? `${n}${unit}` : '')).join('')
}

/** What the anchor hangs on, as one of the choices. */
export function baseOf(anchor: Anchor): Base {
  if (anchor.kind === 'clock') return 'clock'
  if (anchor.kind === 'sun') return anchor.event
  return `${anchor.kind}_${anchor.direction}`
}

/** A bare anchor of another kind; `local_time` is where a clock anchor should stand. */
export function anchorOf(base: Base, local_time: string): Anchor {
  const common: Common = { offset_s: 0, not_before: null, not_after: null }
  if (base === 'clock') return { kind: 'clock', local_time, ...common }
  const [quantity, direction] = base.split('_') as [string, Direction]
  if (quantity === 'elevation') return { kind: 'elevation', value: -4, direction, ...common }
  if (quantity === 'lux') return { kind: 'lux', value: 20, direction, ...common }
  return { kind: 'sun', event: base as SunEvent, ...common }
}

/**
 * The anchor moved by so many seconds: a clock time moves on the clock, anything else by its
 * offset. It stays what it was anchored to.
 */
export function moved(anchor: Anchor, seconds: number): Anchor {
  if (anchor.kind === 'clock') {
    const at = secondsOf(anchor.local_time) + seconds
    return { ...anchor, local_time: wallTime(((at % DAY_S) + DAY_S) % DAY_S) }
  }
  const offset = Math.max(-MAX_OFFSET_S, Math.min(MAX_OFFSET_S, anchor.offset_s + seconds))
  return { ...anchor, offset_s: offset }
}

/** Seconds since midnight of a wall time; 24:00 is 0. */
export function secondsOf(wall: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = wall.split(':').map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) % DAY_S
}

/** `HH:MM`, or `HH:MM:SS` where there are seconds. */
export function wallTime(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const text = `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}`
  return seconds % 60 ? `${text}:${two(seconds % 60)}` : text
}

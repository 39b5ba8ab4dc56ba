// A night as the service resolves it, and where the points of a draft stand in it: the service's
// instants, moved by what has changed since it was asked.

import { parseAnchor, secondsOf } from './anchors'
import type { Program } from './documents'
import { type Point, pointsOf } from './points'
import type { LevelPoint } from './timeline'
import { addDays } from './timeline'

export interface NightPoint {
  readonly at: string
  readonly level: number
  readonly ramp_s: number
  readonly reason: string
  readonly reasons?: readonly string[]
}

export interface Anchors {
  readonly on_at: string | null
  readonly off_at: string | null
  readonly extinguish_off_at: string | null
  readonly extinguish_on_at: string | null
  readonly steps_at: readonly (string | null)[]
}

export interface Night {
  readonly control_day: string
  readonly sunset_at: string | null
  readonly sunrise_at: string | null
  readonly dusk_at: string | null
  readonly dawn_at: string | null
  readonly floor: number
  readonly ceiling?: number | null
  readonly level_at_start?: number
  readonly calendar?: string | null
  readonly rule?: string | null
  readonly program?: string | null
  readonly in_doubt?: readonly string[]
  readonly idle?: string | null
  readonly anchors?: Anchors | null
  readonly points: readonly NightPoint[]
}

/** An instant in ms; null where there is none. */
export function ms(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null
}

export function levelPoints(night: Night): LevelPoint[] {
  return night.points.map((point) => ({
    at: Date.parse(point.at),
    level: point.level,
    ramp_s: point.ramp_s,
  }))
}

/** Noon of a control day, roughly: good to a few hours, for when nothing else is known. */
export function noonOf(controlDay: string, timeZone: string): number {
  return localInstant(controlDay, 12 * 3600, timeZone)
}

/** The instant of a wall time of a control day: before noon is the next morning. */
export function clockInstant(controlDay: string, wall: string, timeZone: string): number {
  const seconds = secondsOf(wall)
  const date = seconds < 12 * 3600 ? addDays(controlDay, 1) : controlDay
  return localInstant(date, seconds, timeZone)
}

function localInstant(date: string, seconds: number, timeZone: string): number {
  const wanted = Date.parse(`${date}T00:00:00Z`) + seconds * 1000
  let at = wanted
  for (let round = 0; round < 2; round++) at = wanted - zoneOffset(at, timeZone)
  return at
}

const parts = new Map<string, Intl.DateTimeFormat>()

function zoneOffset(at: number, timeZone: string): number {
  let format = parts.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {
      dateStyle: 'short',
      timeStyle: 'medium',
      timeZone,
    })
    parts.set(timeZone, format)
  }
  const local = Date.parse(`${format.format(at).replace(' ', 'T')}Z`)
  return local - Math.floor(at / 1000) * 1000
}

/** Where each point of a program stands, ms; null where its event does not take place. */
export function placesOf(
  program: Program,
  night: Night,
  answered: Program | null,
  timeZone: string,
): Map<string, number | null> {
  const known = new Map<string, number | null>()
  const before = new Map<string, Point>()
  if (answered !== null && night.anchors) {
    for (const point of pointsOf(answered)) {
      before.set(point.key, point)
      known.set(point.key, ms(instantOf(point, night.anchors)))
    }
  }
  const places = new Map<string, number | null>()
  for (const point of pointsOf(program)) {
    const was = before.get(point.key)
    if (was !== undefined && was.text === point.text) places.set(point.key, known.get(point.key)!)
    else places.set(point.key, guessed(point, was, known.get(point.key) ?? null, night, timeZone))
  }
  return places
}

function instantOf(point: Point, anchors: Anchors): string | null {
  if (point.role === 'step') return anchors.steps_at[point.index] ?? null
  return anchors[`${point.role}_at`]
}

function guessed(
  point: Point,
  was: Point | undefined,
  place: number | null,
  night: Night,
  timeZone: string,
): number | null {
  const anchor = point.anchor
  if (anchor === null) return null
  if (anchor.kind === 'clock') {
    return clockInstant(night.control_day, anchor.local_time, timeZone) + anchor.offset_s * 1000
  }
  if (anchor.kind === 'sun') {
    const events = {
      sunset: night.sunset_at,
      sunrise: night.sunrise_at,
      civil_dusk: night.dusk_at,
      civil_dawn: night.dawn_at,
    }
    const at = ms(events[anchor.event])
    return at === null ? null : at + anchor.offset_s * 1000
  }
  const old = was === undefined ? null : parseAnchor(was.text)
  if (place === null || old === null || old.kind !== anchor.kind) return null
  return place + (anchor.offset_s - old.offset_s) * 1000
}

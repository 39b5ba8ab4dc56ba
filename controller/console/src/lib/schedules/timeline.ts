// The night's axes: instants and levels to pixels and back, the hours of the wall clock on them,
// and the line of levels. Instants are milliseconds since 1970 UTC; the axis is elapsed time, so a
// night with a clock change shows an hour twice, or leaps over one.

export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface Scale {
  readonly from: number
  readonly to: number
  readonly box: Box
  x(at: number): number
  y(level: number): number
  at(x: number): number
  level(y: number): number
}

export interface LevelPoint {
  /** ms */
  readonly at: number
  readonly level: number
  readonly ramp_s: number
}

export function scaleOf(from: number, to: number, box: Box): Scale {
  const width = Math.max(1, box.right - box.left)
  const height = Math.max(1, box.bottom - box.top)
  const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value))
  return {
    from,
    to,
    box,
    x: (at) => box.left + (clamp(at, from, to) - from) * (width / (to - from)),
    y: (level) => box.bottom - (level / 100) * height,
    at: (x) => clamp(from + ((x - box.left) * (to - from)) / width, from, to),
    level: (y) => clamp(((box.bottom - y) / height) * 100, 0, 100),
  }
}

const HOUR = 3_600_000
const MINUTE = 60_000

/**
 * The stretch of a night to show: an hour of day on either side of whatever happens first and
 * last, on whole hours.
 */
export function extentOf(instants: readonly number[], fallback: number): [number, number] {
  const known = instants.filter(Number.isFinite)
  if (!known.length) return [fallback, fallback + 24 * HOUR]
  const from = Math.floor((Math.min(...known) - HOUR / 2) / HOUR) * HOUR
  const to = Math.ceil((Math.max(...known) + HOUR / 2) / HOUR) * HOUR
  return [from, Math.max(to, from + 6 * HOUR)]
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Wall time `HH:MM` of an instant in a time zone. */
export function wallTimeAt(at: number, timeZone: string): string {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone,
    })
    formats.set(timeZone, format)
  }
  return format.format(at)
}

const days = new Map<string, Intl.DateTimeFormat>()

/** The control day, noon to noon, that an instant belongs to, as an ISO date. */
export function controlDayAt(at: number, timeZone: string): string {
  let format = days.get(timeZone)
  if (format === undefined) {
    // Swedish dates are written as ISO 8601 has them.
    format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone })
    days.set(timeZone, format)
  }
  const isMorning = Number(wallTimeAt(at, timeZone).slice(0, 2)) < 12
  const date = format.format(at)
  return isMorning ? addDays(date, -1) : date
}

/** An ISO date some days on. */
export function addDays(date: string, count: number): string {
  const moved = new Date(`${date}T12:00:00Z`)
  moved.setUTCDate(moved.getUTCDate() + count)
  return moved.toISOString().slice(0, 10)
}

/** Whole hours of the wall clock within an extent, thinned to what fits. */
export function hourTicks(
  scale: Scale,
  timeZone: string,
  room = 44,
): { at: number; label: string }[] {
  const perHour = (scale.box.right - scale.box.left) / ((scale.to - scale.from) / HOUR)
  const step = [1, 2, 3, 4, 6].find((hours) => hours * perHour >= room) ?? 6
  const found: { at: number; label: string }[] = []
  // Zones off by half hours have their whole hours between ours.
  for (let at = Math.ceil(scale.from / (15 * MINUTE)) * 15 * MINUTE; at <= scale.to; at += 15 * MINUTE) {
    const label = wallTimeAt(at, timeZone)
    if (!label.endsWith(':00') || Number(label.slice(0, 2)) % step) continue
    if (found.at(-1)?.label !== label) found.push({ at, label })
  }
  return found
}

/** The level in force at an instant. */
export function levelAt(points: readonly LevelPoint[], at: number, before = 0): number {
  let level = before
  for (const point of points) {
    if (point.at > at) break
    level = point.level
  }
  return level
}

/** The line of levels as an SVG path; ramps are drawn as long as they last. */
export function linePath(points: readonly LevelPoint[], scale: Scale, before: number): string {
  let level = before
  let path = `M${round(scale.x(scale.from))} ${round(scale.y(level))}`
  for (const point of points) {
    if (point.at < scale.from) {
      level = point.level
      path = `M${round(scale.x(scale.from))} ${round(scale.y(level))}`
      continue
    }
    if (point.at > scale.to) break
    path += `H${round(scale.x(point.at))}`
    const reached = Math.min(scale.to, point.at + point.ramp_s * 1000)
    path += `L${round(scale.x(reached))} ${round(scale.y(point.level))}`
    level = point.level
  }
  return `${path}H${round(scale.x(scale.to))}`
}

/** The line closed down to level 0, for a fill. */
export function areaPath(points: readonly LevelPoint[], scale: Scale, before: number): string {
  const bottom = round(scale.y(0))
  return `${linePath(points, scale, before)}V${bottom}H${round(scale.x(scale.from))}Z`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Labels side by side: their left edges, moved apart so that none covers another. */
export function spread(wanted: readonly number[], width: number, from: number, to: number): number[] {
  const order = wanted.map((x, index) => ({ x, index })).sort((a, b) => a.x - b.x)
  const placed = new Array<number>(wanted.length).fill(0)
  let next = from
  for (const { x, index } of order) {
    const at = Math.max(next, x)
    placed[index] = at
    next = at + width
  }
  let limit = to
  for (const { index } of order.reverse()) {
    placed[index] = Math.min(placed[index]!, limit - width)
    limit = placed[index]!
  }
  return placed
}

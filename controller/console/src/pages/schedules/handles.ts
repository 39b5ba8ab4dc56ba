// The points of a program as handles on the picture of a night.
import { type Anchor, moved } from '../../lib/schedules/anchors'
import type { Night } from '../../lib/schedules/nights'
import type { Point } from '../../lib/schedules/points'
import { levelAt, type LevelPoint, type Scale } from '../../lib/schedules/timeline'

export interface Handle {
  readonly point: Point
  readonly at: number
  readonly x: number
  readonly y: number
  /** The level that it says, or that comes of it. */
  readonly level: number | null
  readonly isLow: boolean
}

/** What the line says under the pointer. */
export interface Reading {
  readonly at: number
  readonly x: number
  readonly level: number
}

/** Where the points of a program stand; one that does not happen that night has no handle. */
export function handlesOf(
  points: readonly Point[],
  places: ReadonlyMap<string, number | null>,
  night: Night,
  line: readonly LevelPoint[],
  scale: Scale,
): Handle[] {
  const found: Handle[] = []
  for (const point of points) {
    const at = places.get(point.key) ?? null
    if (at === null) continue
    const isStep = point.role === 'step'
    const level = isStep ? (point.level ?? levelAt(line, at, night.level_at_start ?? 0)) : null
    found.push({
      point,
      at,
      x: scale.x(at),
      y: level === null ? scale.box.bottom : scale.y(level),
      level,
      isLow: point.level !== null && point.level > 0 && point.level < night.floor,
    })
  }
  return found
}

/** A round figure, of `grid` seconds, of what the anchor says: its clock time, or its offset. */
export function snapped(anchor: Anchor, grid: number): Anchor {
  if (anchor.kind === 'clock') {
    const [hours = 0, minutes = 0, seconds = 0] = anchor.local_time.split(':').map(Number)
    const at = hours * 3600 + minutes * 60 + seconds
    return moved(anchor, Math.round(at / grid) * grid - at)
  }
  return { ...anchor, offset_s: Math.round(anchor.offset_s / grid) * grid }
}

// Web Mercator on a map that neither turns nor tilts, hulls, and what lies within a lasso. Plain
// loops over typed arrays: a hundred thousand luminaires are looked through in a few milliseconds.

export type Ring = readonly (readonly [number, number])[]

/** Web Mercator, 0 to 1 from west to east. */
export function mercatorX(lon: number): number {
  return (lon + 180) / 360
}

/** Web Mercator, 0 to 1 from north to south. */
export function mercatorY(lat: number): number {
  const sine = Math.sin((lat * Math.PI) / 180)
  return 0.5 - (0.25 * Math.log((1 + sine) / (1 - sine))) / Math.PI
}

/** The convex hull of points [lon, lat], closed; empty for none (Andrew's monotone chain). */
export function hull(points: readonly (readonly [number, number])[]): [number, number][] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  if (sorted.length === 0) return []
  const half = (list: readonly (readonly [number, number])[]): [number, number][] => {
    const chain: [number, number][] = []
    for (const [x, y] of list) {
      while (chain.length > 1) {
        const [ax, ay] = chain.at(-2)!
        const [bx, by] = chain.at(-1)!
        if ((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0) break
        chain.pop()
      }
      chain.push([x, y])
    }
    return chain.slice(0, -1)
  }
  const ring = [...half(sorted), ...half(sorted.reverse())]
  const first = ring[0] ?? sorted[0]!
  return [...ring, [first[0], first[1]]]
}

/** A hull with some room around it: each corner away from the middle by `metres`. */
export function padded(ring: readonly (readonly [number, number])[], metres: number): [number, number][] {
  if (ring.length === 0) return []
  const lon = ring.reduce((sum, point) => sum + point[0], 0) / ring.length
  const lat = ring.reduce((sum, point) => sum + point[1], 0) / ring.length
  const [perLon, perLat] = [111_320 * Math.cos((lat * Math.PI) / 180), 110_574]
  if (ring.length < 5) {
    // A point or a line of lamps: a box around it.
    const lons = ring.map((point) => point[0])
    const lats = ring.map((point) => point[1])
    const [w, e] = [Math.min(...lons) - metres / perLon, Math.max(...lons) + metres / perLon]
    const [s, n] = [Math.min(...lats) - metres / perLat, Math.max(...lats) + metres / perLat]
    return [[w, s], [e, s], [e, n], [w, n], [w, s]]
  }
  return ring.map(([x, y]) => {
    const [dx, dy] = [(x - lon) * perLon, (y - lat) * perLat]
    const size = Math.hypot(dx, dy) || 1
    return [x + (dx / size) * (metres / perLon), y + (dy / size) * (metres / perLat)]
  })
}

/** Whether a point lies within a polygon; both in the same plane, pairs flat. */
export function isWithin(polygon: Float64Array, x: number, y: number): boolean {
  let inside = false
  const n = polygon.length / 2
  for (let i = 0, j = n - 1; i < n; j = i++) {
    const [xi, yi] = [polygon[2 * i]!, polygon[2 * i + 1]!]
    const [xj, yj] = [polygon[2 * j]!, polygon[2 * j + 1]!]
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

/** Indices of the points (Mercator) within a polygon [x, y, ...] that `takes` takes. */
export function lassoed(
  polygon: Float64Array,
  xs: Float64Array,
  ys: Float64Array,
  takes: (index: number) => boolean,
): number[] {
  let [west, east, north, south] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let i = 0; i < polygon.length; i += 2) {
    west = Math.min(west, polygon[i]!)
    east = Math.max(east, polygon[i]!)
    north = Math.min(north, polygon[i + 1]!)
    south = Math.max(south, polygon[i + 1]!)
  }
  const found: number[] = []
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [xs[i]!, ys[i]!]
    if (x < west || x > east || y < north || y > south) continue
    if (takes(i) && isWithin(polygon, x, y)) found.push(i)
  }
  return found
}

/** Index of the nearest point within `reach` (all Mercator) that `takes` takes; -1 for none. */
export function nearest(
  x: number,
  y: number,
  reach: number,
  xs: Float64Array,
  ys: Float64Array,
  takes: (index: number) => boolean,
): number {
  let best = -1
  let least = reach * reach
  for (let i = 0; i < xs.length; i++) {
    const dx = xs[i]! - x
    const dy = ys[i]! - y
    const away = dx * dx + dy * dy
    if (away <= least && takes(i)) {
      least = away
      best = i
    }
  }
  return best
}

// A year of a zone as a picture: a column for each control day, noon at the top and at the bottom,
// brighter where the street is. Brightness rises with the level throughout, so that the picture
// reads without colour.

export interface Year {
  readonly year: number
  readonly first_day: string
  readonly step_s: number
  readonly days: number
  /** Row by row, one control day after the other, from local noon on; % of rated light output. */
  readonly levels: readonly number[]
  /** In steps from noon; null where the sun does not set or rise. */
  readonly sunset: readonly (number | null)[]
  readonly sunrise: readonly (number | null)[]
  readonly programs: readonly string[]
  readonly program: readonly number[]
}

type Rgb = readonly [number, number, number]

/** Dark blue over violet to warm white; each is lighter than the one before. */
const RAMP: readonly Rgb[] = [
  [38, 40, 92],
  [92, 52, 120],
  [158, 70, 112],
  [214, 106, 80],
  [242, 158, 72],
  [250, 208, 112],
  [255, 244, 200],
]
const DAY_LIGHT: Rgb = [226, 234, 244]
const DAY_DARK: Rgb = [30, 36, 48]
const NIGHT_UNLIT: Rgb = [8, 10, 20]

/** The colour of a level above 0. */
export function levelColour(level: number): Rgb {
  const place = (Math.max(0, Math.min(100, level)) / 100) * (RAMP.length - 1)
  const low = Math.min(RAMP.length - 2, Math.floor(place))
  const part = place - low
  const [a, b] = [RAMP[low]!, RAMP[low + 1]!]
  return [0, 1, 2].map((c) => Math.round(a[c]! + (b[c]! - a[c]!) * part)) as unknown as Rgb
}

/** CSS of the same colour. */
export function levelCss(level: number): string {
  return `rgb(${levelColour(level).join(' ')})`
}

/** The colours of a stretch without light: day, and night. */
export function unlit(isDark: boolean): { day: string; night: string } {
  return {
    day: `rgb(${(isDark ? DAY_DARK : DAY_LIGHT).join(' ')})`,
    night: `rgb(${NIGHT_UNLIT.join(' ')})`,
  }
}

/** One pixel for each day and step; `changed` days get a mark of their own elsewhere. */
export function pixels(year: Year, isDark: boolean): ImageData {
  const rows = Math.round(86_400 / year.step_s)
  const image = new ImageData(year.days, rows)
  const day = isDark ? DAY_DARK : DAY_LIGHT
  for (let x = 0; x < year.days; x++) {
    const down = year.sunset[x] ?? null
    const up = year.sunrise[x] ?? null
    for (let y = 0; y < rows; y++) {
      const level = year.levels[x * rows + y] ?? 0
      const isNight = down !== null && up !== null && y >= down && y < up
      const [r, g, b] = level > 0 ? levelColour(level) : isNight ? NIGHT_UNLIT : day
      const at = (y * year.days + x) * 4
      image.data[at] = r
      image.data[at + 1] = g
      image.data[at + 2] = b
      image.data[at + 3] = 255
    }
  }
  return image
}

/** The stretches of one control day at one level: [first step, beyond the last, level]. */
export function stretches(year: Year, x: number): [number, number, number][] {
  const rows = Math.round(86_400 / year.step_s)
  const found: [number, number, number][] = []
  for (let y = 0; y < rows; y++) {
    const level = year.levels[x * rows + y] ?? 0
    const last = found.at(-1)
    if (last && last[2] === level) last[1] = y + 1
    else found.push([y, y + 1, level])
  }
  return found.filter(([, , level]) => level > 0)
}

/** Hours at which the day burns, and hours at full level that would give as much light. */
export function burning(year: Year, x: number): { hours: number; full: number } {
  const rows = Math.round(86_400 / year.step_s)
  let hours = 0
  let full = 0
  for (let y = 0; y < rows; y++) {
    const level = year.levels[x * rows + y] ?? 0
    if (level > 0) hours += year.step_s / 3600
    full += ((level / 100) * year.step_s) / 3600
  }
  return { hours, full }
}

/** Control days on which two years differ. */
export function differing(one: Year, other: Year): number[] {
  const rows = Math.round(86_400 / one.step_s)
  const found: number[] = []
  for (let x = 0; x < one.days; x++) {
    for (let y = 0; y < rows; y++) {
      if (one.levels[x * rows + y] !== other.levels[x * rows + y]) {
        found.push(x)
        break
      }
    }
  }
  return found
}

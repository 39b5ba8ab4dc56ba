// How luminaires look on the map: a shape and a colour for each state, so that neither has to be
// told from the other; brightness for levels.

import type { IconName } from '../../lib/icons'
import type { Look, Shape } from '../../lib/map/layer'
import { levelColour } from '../../lib/schedules/heat'

export type Mode = 'state' | 'level' | 'communication'
export const MODES: readonly Mode[] = ['state', 'level', 'communication']

type Rgb = readonly [number, number, number]

interface Style {
  readonly code: string
  readonly shape: Shape
  readonly light: Rgb
  readonly dark: Rgb
  readonly stands_out: boolean
  readonly icon: IconName
  readonly tone: 'good' | 'warn' | 'bad' | 'lamp' | 'calm' | 'info'
}

/** The states, the most telling first. */
export const STATES: readonly Style[] = [
  { code: 'dark', shape: 'square', light: [179, 35, 26], dark: [255, 118, 105], stands_out: true, icon: 'dark', tone: 'bad' },
  { code: 'fault', shape: 'triangle', light: [179, 35, 26], dark: [255, 118, 105], stands_out: true, icon: 'alarms', tone: 'bad' },
  { code: 'day_burning', shape: 'diamond', light: [180, 83, 9], dark: [255, 160, 72], stands_out: true, icon: 'day_burning', tone: 'warn' },
  { code: 'offline', shape: 'cross', light: [92, 64, 160], dark: [190, 164, 255], stands_out: true, icon: 'offline', tone: 'warn' },
  { code: 'other_level', shape: 'plus', light: [11, 87, 168], dark: [126, 188, 255], stands_out: true, icon: 'live', tone: 'info' },
  { code: 'unknown', shape: 'ring', light: [77, 92, 106], dark: [163, 178, 192], stands_out: true, icon: 'unknown', tone: 'calm' },
  { code: 'lit', shape: 'circle', light: [196, 120, 0], dark: [255, 196, 77], stands_out: false, icon: 'lit', tone: 'lamp' },
  { code: 'off', shape: 'dot', light: [98, 112, 128], dark: [120, 136, 152], stands_out: false, icon: 'off', tone: 'calm' },
]

export const COMMUNICATIONS: readonly Style[] = [
  { code: 'offline', shape: 'cross', light: [179, 35, 26], dark: [255, 118, 105], stands_out: true, icon: 'offline', tone: 'bad' },
  { code: 'unknown', shape: 'ring', light: [77, 92, 106], dark: [163, 178, 192], stands_out: true, icon: 'unknown', tone: 'calm' },
  { code: 'online', shape: 'circle', light: [23, 112, 63], dark: [98, 210, 149], stands_out: false, icon: 'check', tone: 'good' },
]

export function styleOf(styles: readonly Style[], code: string): Style {
  return styles.find((one) => one.code === code) ?? styles.find((one) => one.code === 'unknown')!
}

/** The look of a state or a link. */
export function lookOf(style: Style, isDark: boolean): Look {
  return { rgb: isDark ? style.dark : style.light, shape: style.shape, stands_out: style.stands_out }
}

/** Looks of the levels 0 to 100, and of 255, not known. */
export function levelLooks(isDark: boolean): (Look | undefined)[] {
  const looks: (Look | undefined)[] = []
  for (let level = 0; level <= 100; level++) {
    looks[level] =
      level === 0
        ? { rgb: isDark ? [120, 136, 152] : [98, 112, 128], shape: 'dot', stands_out: false }
        : { rgb: levelColour(level), shape: 'circle', stands_out: false }
  }
  looks[255] = { rgb: isDark ? [163, 178, 192] : [77, 92, 106], shape: 'ring', stands_out: true }
  return looks
}

/** The shape as an SVG path in a box of 16. */
export const SHAPE_PATHS: Readonly<Record<Shape, string>> = {
  circle: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13Z',
  dot: 'M8 4.500a3.500 3.500 0 1 0 0 7a3.500 3.500 0 1 0 0-7Z',
  square: 'M2 2h12v12H2Z',
  triangle: 'M8 1 15 14H1Z',
  diamond: 'M8 1l7 7-7 7-7-7Z',
  ring: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13ZM8 5a3 3 0 1 1 0 6a3 3 0 1 1 0-6Z',
  cross: 'M3.500 1.500 8 6l4.500-4.500 2 2L10 8l4.500 4.500-2 2L8 10l-4.500 4.500-2-2L6 8 1.500 3.500Z',
  plus: 'M6 1h4v5h5v4h-5v5H6v-5H1V6h5Z',
}

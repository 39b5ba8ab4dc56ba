// Figures and times for people: the city's time zone, the reader's language.

import { language } from './i18n.svelte'
import { session } from './session.svelte'

const kept = new Map<string, Intl.DateTimeFormat>()

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = session.city?.time_zone ?? 'UTC'
  const name = `${language.tag} ${zone} ${JSON.stringify(options)}`
  let found = kept.get(name)
  if (found === undefined) {
    found = new Intl.DateTimeFormat(language.tag, { ...options, timeZone: zone, hourCycle: 'h23' })
    kept.set(name, found)
  }
  return found
}

type Instant = string | number | Date

/** 18:04 */
export function clock(at: Instant): string {
  return dates({ hour: '2-digit', minute: '2-digit' }).format(new Date(at))
}

/** 18:04:31 */
export function clockSeconds(at: Instant): string {
  return dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at))
}

/** 22 Nov 2026 */
export function day(at: Instant): string {
  return dates({ year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(at))
}

/** Sunday, 22 November 2026 */
export function longDay(at: Instant): string {
  return dates({ year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }).format(new Date(at))
}

/** A control day or other ISO date, which no time zone moves. */
export function isoDay(date: string): string {
  return new Intl.DateTimeFormat(language.tag, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${date}T00:00:00Z`))
}

/** 22 Nov, 18:04; with the year where it is another one than `now`'s. */
export function moment(at: Instant, now: Instant = Date.now()): string {
  const then = new Date(at)
  const year = dates({ year: 'numeric' })
  const isThisYear = year.format(then) === year.format(new Date(now))
  return dates({
    ...(isThisYear ? {} : { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(then)
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(language.tag, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
}

/** A ratio 0 to 1 as a percentage. */
export function percent(ratio: number | null | undefined, digits = 1): string {
  if (ratio === null || ratio === undefined) return '–'
  return new Intl.NumberFormat(language.tag, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ratio)
}

/** A share of things: never 100 % while one is missing, never 0 % while one is there. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–'
  const tenths = (part / whole) * 1000
  const shown = part === whole ? 1000 : part === 0 ? 0 : Math.min(999, Math.max(1, Math.round(tenths)))
  return percent(shown / 1000, shown === 1000 || shown === 0 ? 0 : 1)
}

/** A rate 0 to 1, rounded down: what is not wholly lit is never 100 %. */
export function rate(ratio: number | null): string {
  if (ratio === null) return '–'
  const tenths = Math.floor(ratio * 1000 + 1e-9)
  return percent(tenths / 1000, tenths === 1000 || tenths === 0 ? 0 : 1)
}

/** A level of 0 to 100 %. */
export function level(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${number(value)} %`
}

/** Joules as kWh, MWh or GWh with three figures. */
export function energy(joules: number | null | undefined): string {
  if (joules === null || joules === undefined) return '–'
  const kwh = joules / 3.6e6
  const [value, unit] =
    Math.abs(kwh) >= 1e6 ? [kwh / 1e6, 'GWh'] : Math.abs(kwh) >= 1e4 ? [kwh / 1e3, 'MWh'] : [kwh, 'kWh']
  return `${figures(value)} ${unit}`
}

/** Watts as W, kW or MW. */
export function power(watts: number | null | undefined): string {
  if (watts === null || watts === undefined) return '–'
  const [value, unit] =
    Math.abs(watts) >= 1e6 ? [watts / 1e6, 'MW'] : Math.abs(watts) >= 1e4 ? [watts / 1e3, 'kW'] : [watts, 'W']
  return `${figures(value)} ${unit}`
}

/** Grams of CO2 equivalent as g, kg or t. */
export function carbon(grams: number | null | undefined): string {
  if (grams === null || grams === undefined) return '–'
  const [value, unit] =
    Math.abs(grams) >= 1e6 ? [grams / 1e6, 't'] : Math.abs(grams) >= 1e3 ? [grams / 1e3, 'kg'] : [grams, 'g']
  return `${figures(value)} ${unit}`
}

function figures(value: number): string {
  const size = Math.abs(value)
  return number(value, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2)
}

/** 2 h 05 min, 4 min 10 s, 9 s: how long until something, never negative. */
export function duration(seconds: number): string {
  const left = Math.max(0, Math.round(seconds))
  const [days, hours] = [Math.floor(left / 86400), Math.floor((left % 86400) / 3600)]
  const [minutes, rest] = [Math.floor((left % 3600) / 60), left % 60]
  const isChinese = language.code === 'zh'
  const [d, h, m, s] = isChinese ? [' 天', ' 小时', ' 分', ' 秒'] : [' d', ' h', ' min', ' s']
  if (days > 0) return `${days}${d} ${hours}${h}`
  if (hours > 0) return `${hours}${h} ${String(minutes).padStart(2, '0')}${m}`
  if (minutes > 0) return minutes < 10 ? `${minutes}${m} ${String(rest).padStart(2, '0')}${s}` : `${minutes}${m}`
  return `${rest}${s}`
}

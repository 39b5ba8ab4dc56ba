// The conditions of calendar rules: which there are, what each begins with, and in words.

import { isoDay } from '../../lib/format'
import { t } from '../../lib/i18n.svelte'
import type { Condition } from '../../lib/schedules/documents'

export const CONDITION_KINDS = [
  'weekdays',
  'holiday',
  'holiday_eve',
  'working_day',
  'make_up_working_day',
  'festival',
  'date_range',
  'yearly_range',
  'dates',
  'nth_weekday',
  'lunar_dates',
  'lunar_range',
  'day_type',
] as const
export type ConditionKind = (typeof CONDITION_KINDS)[number]

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export const FESTIVALS = [
  'spring_festival',
  'lantern_festival',
  'dragon_head',
  'shangsi',
  'qingming',
  'dragon_boat',
  'qixi',
  'zhongyuan',
  'mid_autumn',
  'chongyang',
  'winter_solstice',
  'laba',
  'little_new_year',
  'new_years_eve',
] as const
export const DAY_TYPES = ['working_day', 'weekend', 'holiday', 'make_up_working_day'] as const

/** A condition of a kind, with what it needs at least. */
export function newCondition(kind: ConditionKind, today: string): Condition {
  switch (kind) {
    case 'weekdays':
      return { kind, days: ['friday', 'saturday'] }
    case 'nth_weekday':
      return { kind, nth: 1, weekday: 'saturday', months: [] }
    case 'date_range':
      return { kind, first: today, last: today }
    case 'yearly_range':
      return { kind, first: { month: 5, day: 1 }, last: { month: 9, day: 30 } }
    case 'dates':
      return { kind, dates: [today] }
    case 'holiday':
    case 'holiday_eve':
      return { kind, country: 'CN' }
    case 'working_day':
    case 'make_up_working_day':
      return { kind, country: 'CN' }
    case 'day_type':
      return { kind, country: 'CN', types: ['holiday'] }
    case 'festival':
      return { kind, festival: 'spring_festival', days_before: 0, days_after: 0 }
    case 'lunar_dates':
      return { kind, days: [{ month: 1, day: 15 }] }
    case 'lunar_range':
      return { kind, first: { month: 12, day: 23 }, last: { month: 1, day: 15 } }
  }
}

interface MonthDay {
  readonly month: number
  readonly day: number
}

function monthDay(value: unknown): string {
  const { month, day } = value as MonthDay
  return t('schedules.month_day', { month, day })
}

function lunarDay(value: unknown): string {
  const { month, day } = value as MonthDay
  return t('schedules.lunar_day', { month, day: day === -1 ? t('schedules.last_day') : day })
}

/** A condition in words. */
export function conditionWords(one: Condition): string {
  switch (one.kind as ConditionKind) {
    case 'weekdays':
      return (one.days as string[]).map((day) => t(`schedules.weekday_${day}`)).join(t('common.list_gap'))
    case 'nth_weekday': {
      const nth = one.nth as number
      const key = nth > 0 ? 'schedules.nth_from_start' : 'schedules.nth_from_end'
      return t(key, { n: Math.abs(nth), weekday: t(`schedules.weekday_${String(one.weekday)}`) })
    }
    case 'date_range':
      return `${one.first ? isoDay(String(one.first)) : '…'} – ${one.last ? isoDay(String(one.last)) : '…'}`
    case 'yearly_range':
      return t('schedules.every_year', { first: monthDay(one.first), last: monthDay(one.last) })
    case 'dates':
      return (one.dates as string[]).map(isoDay).join(t('common.list_gap'))
    case 'holiday':
    case 'holiday_eve': {
      const name = one.name ? String(one.name) : t('schedules.any_holiday')
      const whole = one.whole_break ? ` (${t('schedules.whole_break')})` : ''
      return `${t(`schedules.condition_${one.kind}`)}: ${name}, ${String(one.country)}${whole}`
    }
    case 'working_day':
    case 'make_up_working_day':
      return `${t(`schedules.condition_${one.kind}`)}, ${String(one.country)}`
    case 'day_type':
      return (one.types as string[]).map((type) => t(`schedules.type_${type}`)).join(t('common.list_gap'))
    case 'festival': {
      const name = t(`schedules.festival_${String(one.festival)}`)
      if (one.until) return t('schedules.festival_until', { name, until: t(`schedules.festival_${String(one.until)}`) })
      const [before, after] = [Number(one.days_before ?? 0), Number(one.days_after ?? 0)]
      return before || after ? t('schedules.festival_around', { name, before, after }) : name
    }
    case 'lunar_dates':
      return (one.days as unknown[]).map(lunarDay).join(t('common.list_gap'))
    case 'lunar_range':
      return `${lunarDay(one.first)} – ${lunarDay(one.last)}`
    default:
      return one.kind
  }
}

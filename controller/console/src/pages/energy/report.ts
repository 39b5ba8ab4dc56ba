// A period's report, as the service makes it: energies in kWh, money by currency.

export const RUNGS = [
  'retrofit',
  'window',
  'dimming',
  'constant_light',
  'rules',
  'overrides',
  'deviation',
] as const
export type Rung = (typeof RUNGS)[number]

export interface Ladder {
  readonly used_kwh: number
  readonly metered_kwh: number
  readonly modelled_kwh: number
  readonly baseline_kwh: number
  readonly saved_kwh: number
  readonly saved_ratio: number | null
  readonly metered_ratio: number | null
  /** What each measure took off the baseline; negative where it added. */
  readonly ladder_kwh: Readonly<Record<Rung, number>>
}

export interface Group extends Ladder {
  readonly id: string
  readonly name: string
  readonly name_en: string | null
  readonly luminaires: number
  readonly cost: Readonly<Record<string, { readonly used: number; readonly baseline: number }>>
  readonly emission_kg: number | null
  readonly baseline_emission_kg: number | null
  readonly lit_ratio: number | null
  /** Used where or while no tariff was in force: not in the cost. */
  readonly unpriced_kwh: number
  readonly is_cost_partial: boolean
  /** Burned in daylight, unasked; null where the account is too coarse to tell. */
  readonly day_burning_kwh: number | null
  readonly day_burning_luminaire_hours: number | null
}

export interface Standing {
  readonly id: string
  readonly period: { readonly text: string; readonly first_day: string; readonly last_day: string }
  readonly energy_kwh: number | null
  readonly saved_ratio: number | null
  readonly level: 'green' | 'yellow' | 'red'
  readonly is_assessable: boolean
  readonly used_kwh: number
  readonly planned_kwh: number
  readonly forecast_kwh: number
  readonly allowed_kwh: number
  readonly shortfall_kwh: number
  readonly accounted_days: number
  readonly planned_days: number
  readonly unaccounted_days: number
  /** Past nights, or parts of them, without data: as planned. */
  readonly unaccounted_kwh: number
}

export interface Day extends Ladder {
  readonly day: string
  readonly state: 'complete' | 'partial' | 'excess' | 'missing' | 'to_come'
  readonly coverage: number
}

/** What is answered where nothing was accounted in the period. */
export interface NoReport {
  readonly figures: null
  readonly no_data: string
}

export interface Report {
  readonly period: { readonly kind: string; readonly text: string; readonly first_day: string; readonly last_day: string }
  readonly generated_at: string
  readonly status: 'final' | 'provisional'
  /** Nights of the period that were not over when it was made. */
  readonly nights_ahead: number
  readonly figures: Group & { readonly saved_uncertainty_kwh: number | null; readonly used_uncertainty_kwh: number | null }
  readonly targets: readonly Standing[]
  readonly days: readonly Day[]
  readonly districts: readonly Group[]
  readonly categories: readonly Group[]
}

export type PeriodKind = 'month' | 'quarter' | 'year'

/** The text of a period that holds a control day: 2026-11, 2026-Q4, 2026. */
export function periodOf(kind: PeriodKind, day: string): string {
  const [year, month] = [day.slice(0, 4), Number(day.slice(5, 7))]
  if (kind === 'year') return year
  return kind === 'quarter' ? `${year}-Q${Math.ceil(month / 3)}` : day.slice(0, 7)
}

export function kindOf(text: string): PeriodKind {
  return text.length === 4 ? 'year' : text.includes('Q') ? 'quarter' : 'month'
}

/** The period some places on. */
export function shifted(text: string, by: number): string {
  const year = Number(text.slice(0, 4))
  const kind = kindOf(text)
  if (kind === 'year') return String(year + by)
  const size = kind === 'quarter' ? 4 : 12
  const place = year * size + Number(text.slice(kind === 'quarter' ? 6 : 5)) - 1 + by
  const [then, part] = [Math.floor(place / size), (place % size) + 1]
  return kind === 'quarter' ? `${then}-Q${part}` : `${then}-${String(part).padStart(2, '0')}`
}

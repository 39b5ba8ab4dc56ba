// The plan's documents, as the API gives and takes them. Meaning lives in the service; these are
// the shapes that the page edits.

export interface Step {
  at: string
  level?: number | null
  lighting_class?: string | null
  illuminance_lx?: number | null
  ramp_s?: number
}

export interface Program {
  id: string
  name: string
  name_en?: string | null
  window: { on: string; off: string }
  extinguish?: { off: string; on: string } | null
  steps?: Step[]
  base_level?: number
  on_ramp_s?: number
  off_ramp_s?: number
  min_burn_s?: number
}

export type Condition = { kind: string } & Record<string, unknown>

export interface CalendarRule {
  name: string
  when: Condition[]
  unless?: Condition[]
  program: string
}

export interface Calendar {
  id: string
  name: string
  name_en?: string | null
  rules?: CalendarRule[]
  default: string
}

export type Layer = 'city' | 'district' | 'category' | 'zone' | 'luminaire'
export const LAYERS: readonly Layer[] = ['city', 'district', 'category', 'zone', 'luminaire']

export interface Assignment {
  layer: Layer
  target: string
  calendar: string
}

export interface Limit {
  layer: Layer
  target: string
  floor?: number | null
  ceiling?: number | null
  reason?: string
}

export interface LampType {
  id: string
  name: string
  technology: string
  rated_power_w: number
  standby_power_w?: number
  power_curve?: [number, number][]
  is_dimmable?: boolean
  has_clock?: boolean
  warm_up_s?: number
  baseline_power_w?: number | null
  lumen_maintenance?: number | null
  rated_life_h?: number | null
}

/** Every kind of document that the page knows by its shape. */
export interface Kinds {
  programs: Program
  calendars: Calendar
  assignments: Assignment
  limits: Limit
  lamp_types: LampType
}
export type Kind = keyof Kinds

export interface Put {
  readonly kind: string
  readonly document: unknown
}

export interface Gone {
  readonly kind: string
  readonly id: string
}

/** Documents to put and to delete together. */
export interface Edit {
  readonly put: readonly Put[]
  readonly delete: readonly Gone[]
}

/** The key of a document within its kind; those without an identifier are told by their target. */
export function keyOf(document: object): string {
  const told = document as { id?: string; layer?: string; target?: string }
  return told.id ?? `${told.layer ?? ''}.${told.target ?? ''}`
}

/** A copy that shares nothing; documents are plain JSON. */
export function copyOf<T>(document: T): T {
  return JSON.parse(JSON.stringify(document)) as T
}

/** Whether two documents read the same, whatever the order of their fields. */
export function isSame(one: unknown, other: unknown): boolean {
  return stable(one) === stable(other)
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner as Record<string, unknown>)
            .filter(([, one]) => one !== null && one !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  )
}

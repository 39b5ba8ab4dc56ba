// What the API answers, as far as the console reads it.

export interface District {
  id: string
  name: string
  parent: string | null
}

export interface Zone {
  id: string
  name: string
  district: string
  category: string
  lighting_class: string | null
  floor: number
  center: [number, number]
  luminaires: number
}

export interface City {
  id: string
  name: string
  time_zone: string
  revision: number | null
  districts: District[]
  zones: Zone[]
  groups: unknown[]
}

export interface Next {
  at: string
  level: number
}

export interface Counts {
  luminaires: number
  lit: number
  dark: number
  day_burning: number
  offline: number
  unknown: number
  lit_rate: number | null
  next: Next | null
}

export interface Savings {
  used_j: number
  baseline_j: number
  saved_j: number
  metered_share: number | null
}

export interface Check {
  ok: boolean
  detail: string
}

export interface Override {
  id: string
  selector: Selector
  level: number | null
  program: string | null
  kind: string
  start: string
  end: string
  reason: string
  author: string
  luminaires?: number
}

/** Which luminaires: exactly one of these. */
export interface Selector {
  luminaires?: string[]
  groups?: string[]
  zones?: string[]
  categories?: string[]
  districts?: string[]
  city?: boolean
}

export interface Tonight {
  at: string
  clock: Check
  broker: Check
  store: Check
  role: string
  revision: number | null
  city: Counts
  districts: (Counts & { id: string })[]
  zones: (Counts & { id: string })[]
  overrides: Override[]
  alarms: { open: number; by_severity: Record<string, number> }
  energy: { last_night: Savings | null; month: Savings | null; year: Savings | null }
}

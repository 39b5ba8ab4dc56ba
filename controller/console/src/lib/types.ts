// What the API answers, as far as the console reads it.

/** Anything with a Chinese name and perhaps an English one. */
export interface Named {
  id: string
  name: string
  name_en?: string | null
}

/** Rings of [longitude, latitude], degrees. */
export type Outline = [number, number][][]

export interface District extends Named {
  parent: string | null
  center: [number, number]
  outline: Outline | null
}

export interface Zone extends Named {
  district: string
  category: string
  lighting_class: string | null
  floor: number
  center: [number, number]
  outline: Outline | null
  luminaires: number
}

export interface City extends Named {
  synthetic?: boolean
  time_zone: string
  revision: number | null
  center: [number, number]
  luminaires: number
  districts: District[]
  zones: Zone[]
  /** Categories of zones. */
  groups: string[]
}

export interface Next {
  at: string
  level: number
}

/** Luminaires by how they stand. */
export interface Stand {
  luminaires: number
  lit: number
  off: number
  dark: number
  day_burning: number
  other_level: number
  fault: number
  offline: number
  unknown: number
  lit_rate: number | null
  next: Next | null
}

export interface Place extends Stand {
  id: string
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
  kind: string
  level: number | null
  program: string | null
  start_at: string
  end_at: string
  in_force: boolean
  reason: string
  author: string
  city: boolean
  districts: string[]
  categories: string[]
  zones: string[]
  luminaires: string[]
}

export interface Tonight {
  at: string
  clock: Check
  broker: Check
  store: Check
  programs: Check
  alive: boolean
  ready: boolean
  role: string
  revision: number | null
  city: Stand
  districts: Place[]
  zones: Place[]
  overrides: Override[]
  alarms: { open: number; by_severity: Record<string, number> }
  energy: {
    control_day: string | null
    last_night: Savings | null
    month: Savings | null
    year: Savings | null
  }
}

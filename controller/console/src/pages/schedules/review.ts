// What the service answers to an edit that is looked at before it is saved.

import type { FieldError } from '../../lib/api'

export interface FieldChange {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

export interface DocumentChange {
  readonly part: string
  readonly id: string
  readonly what: 'added' | 'changed' | 'removed'
  readonly fields: readonly FieldChange[]
}

export interface Failure {
  readonly finding: string
  readonly program: string
  readonly calendar: string | null
  readonly nights: number
  readonly zones: readonly string[]
  readonly first_day: string
  readonly last_day: string
  readonly example: {
    readonly zone: string
    readonly luminaire: string | null
    readonly control_day: string
    readonly at: number | null
    readonly expected: string
    readonly found: string
    readonly reasons: readonly { readonly text: string }[]
  }
}

export interface Proof {
  readonly proved: boolean
  readonly nights: number
  readonly zones: number
  readonly first_day: string
  readonly last_day: string
  readonly burning_hours: number
  readonly astronomical_hours: number
  readonly failures: readonly Failure[]
  readonly summary: string
}

export interface Cost {
  readonly nights: number
  readonly energy_kwh_before: number
  readonly energy_kwh_after: number
  readonly energy_kwh_delta: number
  readonly co2_kg_delta: number | null
  readonly burning_hours_delta: number
  readonly money_delta?: readonly { readonly currency: string; readonly amount: number }[] | null
}

export interface Review {
  readonly ok: boolean
  readonly errors?: readonly FieldError[]
  readonly proof: Proof | null
  /** Null where the draft does not hold. */
  readonly difference: {
    readonly documents: readonly DocumentChange[]
    readonly zones: readonly string[]
    readonly luminaires: number
  } | null
  readonly cost: Cost | null
  readonly luminaires: number
  readonly needs_approval: readonly string[]
}

/** A revision that came in between, or stands in the list of revisions. */
export interface RevisionEntry {
  readonly revision: number
  readonly author: string
  readonly saved_at: string
  readonly comment: string
  readonly documents?: readonly DocumentChange[]
}

/** Documents that both an edit and somebody else's revision touched. */
export function overlapping(
  ours: readonly { kind: string; key: string }[],
  theirs: readonly RevisionEntry[],
): string[] {
  const touched = new Set(
    theirs.flatMap((one) => (one.documents ?? []).map((document) => `${document.part} ${document.id}`)),
  )
  return ours
    .map((one) => `${one.kind} ${one.key}`)
    .filter((name) => touched.has(name) || touched.has(name.replace('.', ' ')))
}

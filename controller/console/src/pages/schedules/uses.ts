// Who follows what: which calendar a zone follows through which layer, and which zones a program
// reaches. The service decides; this is for the words around the charts.

import type { City, Zone } from '../../lib/types'
import type { Assignment, Calendar, Layer, Program } from '../../lib/schedules/documents'

/** What the plan may name to mean a zone, the narrowest first. */
export function targetsOf(city: City, zone: Zone): [Layer, string][] {
  const found: [Layer, string][] = [
    ['zone', zone.id],
    ['category', zone.category],
  ]
  const parent = new Map(city.districts.map((one) => [one.id, one.parent]))
  const seen = new Set<string>()
  for (let id: string | null = zone.district; id && !seen.has(id); id = parent.get(id) ?? null) {
    seen.add(id)
    found.push(['district', id])
  }
  found.push(['city', city.id])
  return found
}

/** The narrowest assignment of a zone; null where nothing is assigned. */
export function assignmentOf(
  city: City,
  zone: Zone,
  assignments: readonly Assignment[],
): Assignment | null {
  const assigned = new Map(assignments.map((one) => [`${one.layer}.${one.target}`, one]))
  for (const [layer, target] of targetsOf(city, zone)) {
    const found = assigned.get(`${layer}.${target}`)
    if (found !== undefined) return found
  }
  return null
}

/** Programs that a calendar may choose. */
export function programsOf(calendar: Calendar): Set<string> {
  return new Set([calendar.default, ...(calendar.rules ?? []).map((rule) => rule.program)])
}

/** Zones that follow a program on some day. */
export function zonesOf(
  city: City,
  program: string,
  calendars: readonly Calendar[],
  assignments: readonly Assignment[],
): Zone[] {
  const choosing = new Set(
    calendars.filter((one) => programsOf(one).has(program)).map((one) => one.id),
  )
  return city.zones.filter((zone) => {
    const assignment = assignmentOf(city, zone, assignments)
    return assignment !== null && choosing.has(assignment.calendar)
  })
}

/** A step below a floor, and the zones whose floor it is. */
export interface Low {
  readonly index: number
  readonly level: number
  readonly zones: readonly Zone[]
}

/** The levels that a program names: an edit that keeps them is not refused for a floor. */
export function levelsOf(program: Program | null): number[] {
  if (program === null) return []
  const named = [program.base_level, ...(program.steps ?? []).map((step) => step.level)]
  return named.filter((level) => typeof level === 'number')
}

/**
 * The steps of a program that lie below the floor of a zone that follows it: the zone that is looked
 * at first, then those with the highest floors.
 */
export function belowFloor(program: Program, followers: readonly Zone[], shown: string | undefined): Low[] {
  const sorted = [...followers].sort(
    (a, b) => Number(b.id === shown) - Number(a.id === shown) || b.floor - a.floor,
  )
  return (program.steps ?? []).flatMap((step, index) => {
    const level = step.level ?? 0
    const zones = level > 0 ? sorted.filter((zone) => zone.floor > level) : []
    return zones.length > 0 ? [{ index, level, zones }] : []
  })
}

/** A free identifier like the one given. */
export function freeId(like: string, taken: readonly string[]): string {
  const known = new Set(taken)
  for (let number = 2; ; number++) {
    const id = `${like.replace(/-\d+$/, '').slice(0, 58)}-${number}`
    if (!known.has(id)) return id
  }
}

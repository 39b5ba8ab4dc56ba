// The city's parts by id, with names in the reader's language.

import { language, tOr } from './i18n.svelte'
import { session } from './session.svelte'
import type { City, District, Named, Zone } from './types'

interface Index {
  readonly zones: ReadonlyMap<string, Zone>
  readonly districts: ReadonlyMap<string, District>
}

const indexes = new WeakMap<City, Index>()
const NOTHING: Index = { zones: new Map(), districts: new Map() }

function index(): Index {
  const city = session.city
  if (city === null) return NOTHING
  let found = indexes.get(city)
  if (found === undefined) {
    found = {
      zones: new Map(city.zones.map((zone) => [zone.id, zone])),
      districts: new Map(city.districts.map((district) => [district.id, district])),
    }
    indexes.set(city, found)
  }
  return found
}

/** The name in the reader's language, where there is one. */
export function nameOf(named: Named): string {
  return language.code === 'en' && named.name_en ? named.name_en : named.name
}

export function zone(id: string): Zone | undefined {
  return index().zones.get(id)
}

export function district(id: string): District | undefined {
  return index().districts.get(id)
}

export function zoneName(id: string): string {
  const found = zone(id)
  return found === undefined ? id : nameOf(found)
}

export function districtName(id: string): string {
  const found = district(id)
  return found === undefined ? id : nameOf(found)
}

/** A category of zones, as the trade says it. */
export function categoryName(code: string): string {
  return tOr(`common.category_${code}`, code)
}

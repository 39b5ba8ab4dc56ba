// The luminaires as columns: where they stand, once; how they stand, again and again. Little
// endian bytes of the service, read without copying where the alignment allows.

import { address, get, getBytes } from '../api'

export const UNKNOWN_LEVEL = 255
const MAGIC = 0x31534d4c // "LMS1"

/** Where the luminaires stand. */
export interface Street {
  readonly n: number
  /** 1e-7 degrees, in the coordinates that were asked for. */
  readonly lon: Int32Array
  readonly lat: Int32Array
  /** Place in `zones`. */
  readonly zone: Uint16Array
  readonly zones: readonly string[]
  readonly ids: readonly string[]
}

/** How they stand. */
export interface States {
  readonly version: number
  readonly state: Uint8Array
  readonly desired: Uint8Array
  readonly commanded: Uint8Array
  readonly reported: Uint8Array
  readonly communication: Uint8Array
}

export interface Codes {
  readonly states: Readonly<Record<string, number>>
  readonly communications: Readonly<Record<string, number>>
}

export class BadColumns extends Error {}

/** Read `u32 n, i32 lon[n], i32 lat[n], u16 zone[n]`. */
export function readPlaces(bytes: ArrayBuffer): Pick<Street, 'n' | 'lon' | 'lat' | 'zone'> {
  const n = bytes.byteLength >= 4 ? new DataView(bytes).getUint32(0, true) : 0
  if (bytes.byteLength !== 4 + 10 * n) {
    throw new BadColumns(`${bytes.byteLength} bytes are not those of ${n} luminaires`)
  }
  return {
    n,
    lon: new Int32Array(bytes, 4, n),
    lat: new Int32Array(bytes, 4 + 4 * n, n),
    zone: new Uint16Array(bytes, 4 + 8 * n, n),
  }
}

/** Read `"LMS1", u32 version, u32 n`, then five columns of n bytes. */
export function readStates(bytes: ArrayBuffer): States {
  const head = new DataView(bytes)
  const n = bytes.byteLength >= 12 ? head.getUint32(8, true) : -1
  if (n < 0 || head.getUint32(0, true) !== MAGIC || bytes.byteLength !== 12 + 5 * n) {
    throw new BadColumns(`${bytes.byteLength} bytes are not the states of a street`)
  }
  const column = (place: number) => new Uint8Array(bytes, 12 + place * n, n)
  return {
    version: head.getUint32(4, true),
    state: column(0),
    desired: column(1),
    commanded: column(2),
    reported: column(3),
    communication: column(4),
  }
}

export async function loadStreet(signal: AbortSignal, coordinates = 'wgs84'): Promise<Street> {
  const [bytes, names] = await Promise.all([
    getBytes('/map/luminaires', { query: { coordinates }, signal }),
    get<{ zones: string[]; luminaires: string[] }>('/map/ids', { signal }),
  ])
  const places = readPlaces(bytes)
  if (names.luminaires.length !== places.n) {
    throw new BadColumns(`${names.luminaires.length} identifiers for ${places.n} luminaires`)
  }
  return { ...places, zones: names.zones, ids: names.luminaires }
}

export async function loadStates(signal: AbortSignal): Promise<States> {
  return readStates(await getBytes('/map/states', { signal }))
}

export async function loadCodes(signal: AbortSignal): Promise<Codes> {
  return get<Codes>('/map/codes', { signal })
}

/** Conditions on luminaires, as the map and the table share them. */
export interface Filters {
  readonly district: string | null
  readonly zone: string | null
  readonly category: string | null
  readonly states: readonly string[]
  readonly communication: string | null
  readonly level_min: number | null
  readonly level_max: number | null
  readonly q: string
}

/** The list's address under the API with these conditions. */
export function listPath(filters: Filters, limit: number, after: string | null): string {
  const query = new URLSearchParams()
  const one = { district: filters.district, zone: filters.zone, category: filters.category, communication: filters.communication, q: filters.q.trim() || null, level_min: filters.level_min, level_max: filters.level_max, after, limit }
  for (const [name, value] of Object.entries(one)) {
    if (value !== null) query.set(name, String(value))
  }
  for (const state of filters.states) query.append('state', state)
  return `/luminaires?${query.toString()}`
}

/** The address of the whole list. */
export function listAddress(filters: Filters): string {
  return address(listPath(filters, 1000, null))
}

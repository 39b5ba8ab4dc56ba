// The operator's own base map: a PMTiles archive, raster or vector, that the service hands out in
// ranges. Names of layers are those of the two schemes in wide use, Protomaps' and OpenMapTiles';
// what bears other names is drawn as thin lines. No text: its fonts would have to come along.

import { addProtocol, type DataDrivenPropertyValueSpecification, type FilterSpecification, type LayerSpecification, type Map as MapLibre } from 'maplibre-gl'
import { PMTiles, Protocol, TileType } from 'pmtiles'
import { get } from '../api'

export interface BaseMap {
  readonly coordinates: 'wgs84' | 'gcj02'
  readonly url: string
}

/** What an archive says of itself, as far as it matters here. */
export interface Archive {
  readonly url: string
  readonly isVector: boolean
  readonly layers: readonly string[]
  readonly attribution: string
}

const SOURCE = 'base'
const OURS = 'base-'

const protocol = new Protocol()
let isKnown = false

/** The base map that the service's settings name; null for none. */
export async function loadBase(signal: AbortSignal): Promise<BaseMap | null> {
  return (await get<BaseMap | undefined>('/map/base', { signal })) ?? null
}

/** Look into the archive. */
export async function openArchive(base: BaseMap): Promise<Archive> {
  if (!isKnown) {
    addProtocol('pmtiles', protocol.tile)
    isKnown = true
  }
  const url = new URL(base.url, location.href).href
  const archive = protocol.get(url) ?? new PMTiles(url)
  protocol.add(archive)
  const header = await archive.getHeader()
  const metadata = (await archive.getMetadata()) as {
    attribution?: unknown
    vector_layers?: readonly { id: string }[]
  } | null
  const said = typeof metadata?.attribution === 'string' ? metadata.attribution : ''
  return {
    url,
    isVector: header.tileType === TileType.Mvt,
    layers: metadata?.vector_layers?.map((one) => one.id) ?? [],
    // It may be HTML of somebody else's making: its words alone.
    attribution: new DOMParser().parseFromString(said, 'text/html').body.textContent?.trim() ?? '',
  }
}

interface Paint {
  readonly land: string
  readonly green: string
  readonly water: string
  readonly building: string
  readonly road: string
  readonly line: string
}

const LIGHT: Paint = { land: '#f4f6f8', green: '#e2ecdf', water: '#c9dcec', building: '#e3e7ec', road: '#ffffff', line: '#c3ccd6' }
const DARK: Paint = { land: '#141c25', green: '#17241f', water: '#10263a', building: '#1d2833', road: '#2b3947', line: '#33414f' }

type Role = keyof typeof ROLES
/** From the ground up. */
const ROLES = {
  land: /^(earth|land)$/,
  green: /^(landuse|landcover|park|globallandcover)$/,
  water: /^(water|ocean|waterway)$/,
  building: /^buildings?$/,
  road: /^(roads?|transportation|transit|streets?)$/,
  line: /^(boundar(y|ies))$/,
} as const
const WORDS = /place|poi|name|label|peak|number|address/

const AREAS: FilterSpecification = ['in', ['geometry-type'], ['literal', ['Polygon', 'MultiPolygon']]]
const LINES: FilterSpecification = ['in', ['geometry-type'], ['literal', ['LineString', 'MultiLineString']]]
const IMPORTANCE = [
  'match', ['coalesce', ['get', 'kind'], ['get', 'class'], ''],
  ['highway', 'motorway', 'trunk'], 1.6,
  ['major_road', 'primary', 'secondary'], 1.2,
  ['path', 'rail', 'track', 'service', 'other'], 0.4,
  0.8,
] as const
const ROAD_WIDTH = [
  'interpolate', ['exponential', 1.6], ['zoom'],
  8, ['*', 0.4, IMPORTANCE], 12, ['*', 1.4, IMPORTANCE], 16, ['*', 6, IMPORTANCE], 20, ['*', 26, IMPORTANCE],
] as unknown as DataDrivenPropertyValueSpecification<number>

function roleOf(layer: string): Role | null {
  const found = (Object.keys(ROLES) as Role[]).find((role) => ROLES[role].test(layer))
  return found ?? (WORDS.test(layer) ? null : 'line')
}

/** The layers that draw an archive, from the ground up. */
export function baseLayers(archive: Archive, isDark: boolean): LayerSpecification[] {
  if (!archive.isVector) {
    const paint = isDark ? { 'raster-brightness-max': 0.5, 'raster-saturation': -0.5 } : { 'raster-saturation': -0.3 }
    return [{ id: `${OURS}raster`, type: 'raster', source: SOURCE, paint }]
  }
  const paint = isDark ? DARK : LIGHT
  const order = Object.keys(ROLES)
  const named = archive.layers
    .flatMap((layer) => {
      const role = roleOf(layer)
      return role === null ? [] : [{ layer, role }]
    })
    .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role))
  return named.flatMap(({ layer, role }): LayerSpecification[] => {
    const common = { source: SOURCE, 'source-layer': layer }
    const area: LayerSpecification = { id: `${OURS}${layer}-area`, type: 'fill', filter: AREAS, paint: { 'fill-color': paint[role] }, ...common }
    const line: LayerSpecification = {
      id: `${OURS}${layer}-line`,
      type: 'line',
      filter: LINES,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': paint[role], 'line-width': role === 'road' ? ROAD_WIDTH : 1 },
      ...common,
    }
    return role === 'line' || role === 'road' ? [line] : role === 'water' ? [area, line] : [area]
  })
}

/** Draw the base map below a layer, anew; take it away where there is none to show. */
export function showBase(map: MapLibre, archive: Archive | null, isDark: boolean, below: string): void {
  for (const { id } of map.getStyle().layers) if (id.startsWith(OURS)) map.removeLayer(id)
  if (archive === null) return
  if (map.getSource(SOURCE) === undefined) {
    const url = `pmtiles://${archive.url}`
    map.addSource(SOURCE, archive.isVector ? { type: 'vector', url } : { type: 'raster', url, tileSize: 256 })
  }
  for (const one of baseLayers(archive, isDark)) map.addLayer(one, below)
}

// The plan's documents as they stand in the service, read once for all parts of the page and read
// again when a new revision is in force.

import { getTagged, type Page } from '../../lib/api'
import { drafts } from '../../lib/schedules/drafts.svelte'
import type { Kind, Kinds } from '../../lib/schedules/documents'
import { keyOf } from '../../lib/schedules/documents'

type Lists = { [K in Kind]: readonly Kinds[K][] }

const NONE: Lists = { programs: [], calendars: [], assignments: [], limits: [], lamp_types: [] }

let lists = $state.raw<Lists>(NONE)
let etag = $state<string | null>(null)
let isReady = $state(false)
let error = $state.raw<unknown>(null)

async function all<K extends Kind>(kind: K): Promise<[readonly Kinds[K][], string | null]> {
  const found: Kinds[K][] = []
  let after: string | null = null
  let tag: string | null = null
  do {
    const answer: { data: Page<Kinds[K]>; etag: string | null } = await getTagged<Page<Kinds[K]>>(
      `/documents/${kind}`,
      { query: { limit: 1000, after } },
    )
    found.push(...answer.data.items)
    tag = answer.etag
    after = answer.data.next
  } while (after !== null)
  return [found, tag]
}

async function read(): Promise<void> {
  try {
    const [programs, calendars, assignments, limits, lampTypes] = await Promise.all([
      all('programs'),
      all('calendars'),
      all('assignments'),
      all('limits'),
      all('lamp_types'),
    ])
    lists = {
      programs: programs[0],
      calendars: calendars[0],
      assignments: assignments[0],
      limits: limits[0],
      lamp_types: lampTypes[0],
    }
    etag = programs[1]
    drafts.readAt(etag)
    isReady = true
    error = null
  } catch (failure) {
    error = failure
  }
}

export const stored = {
  get isReady(): boolean {
    return isReady
  },
  get error(): unknown {
    return error
  },
  /** The revision that was read. */
  get etag(): string | null {
    return etag
  },
  list<K extends Kind>(kind: K): readonly Kinds[K][] {
    return lists[kind]
  },
  of<K extends Kind>(kind: K, key: string): Kinds[K] | null {
    return lists[kind].find((one) => keyOf(one) === key) ?? null
  },
  /** As edited: what is stored, with the drafts upon it. */
  edited<K extends Kind>(kind: K): Kinds[K][] {
    return drafts.applied(kind, lists[kind])
  },
  draft<K extends Kind>(kind: K, key: string): Kinds[K] | null {
    return drafts.of(kind, key, this.of(kind, key))
  },
  read,
}

// What is being edited and not saved: whole documents, held beside the revision that the edit
// began from. Survives a reload of the page and the end of a session, and is shown to nobody but
// whose it is; nothing is in force until the service said so.

import type { Edit, Kind, Kinds } from './documents'
import { copyOf, isSame, keyOf } from './documents'

const KEPT = 'lamplighter.drafts'

interface Draft {
  readonly kind: Kind
  readonly key: string
  /** As it stands in the revision that the edit began from; null where it is new. */
  readonly before: unknown
  /** Null: to be deleted. */
  readonly after: unknown
}

interface Kept {
  readonly etag: string | null
  readonly drafts: readonly Draft[]
}

let owner = ''
/** The revision that was read last: where nothing is being edited, the next edit begins from it. */
let latest: string | null = null

function place(): string {
  return `${KEPT}.${owner}`
}

function restored(): Kept {
  try {
    const kept = JSON.parse(sessionStorage.getItem(place()) ?? 'null') as Kept | null
    if (kept && Array.isArray(kept.drafts)) return kept
  } catch {
    // Not ours, or of an older console: begin with nothing.
  }
  return { etag: latest, drafts: [] }
}

let present = $state.raw<Kept>({ etag: null, drafts: [] })
let past = $state.raw<readonly (readonly Draft[])[]>([])
let future = $state.raw<readonly (readonly Draft[])[]>([])
let lastTouched = ''

function keep(next: Kept): void {
  if (next.drafts.length) {
    present = next
    sessionStorage.setItem(place(), JSON.stringify(next))
  } else {
    present = { etag: latest, drafts: [] }
    sessionStorage.removeItem(place())
  }
}

function change(next: readonly Draft[], touched: string): void {
  // A drag is one step back, however many pixels it took.
  if (touched !== lastTouched || past.length === 0) past = [...past.slice(-99), present.drafts]
  lastTouched = touched
  future = []
  keep({ ...present, drafts: next })
}

export const drafts = {
  get list(): readonly Draft[] {
    return present.drafts
  },
  get count(): number {
    return present.drafts.length
  },
  /** Who is here now; what somebody else left stays for them. */
  belongTo(user: string): void {
    if (user === owner) return
    owner = user
    past = []
    future = []
    lastTouched = ''
    present = restored()
  },
  /** The revision that the edit began from, as an ETag. */
  get etag(): string | null {
    return present.etag
  },
  get canUndo(): boolean {
    return past.length > 0
  },
  get canRedo(): boolean {
    return future.length > 0
  },
  /** Documents were read at this revision; an edit that has begun keeps its own. */
  readAt(etag: string | null): void {
    latest = etag
    if (!present.drafts.length) present = { ...present, etag }
  },
  /** The edit goes on from another revision: somebody looked at what came between. */
  rebase(etag: string | null): void {
    keep({ ...present, etag })
  },
  /** The document as edited; `stored` where it was not touched, null where it is to go. */
  of<K extends Kind>(kind: K, key: string, stored: Kinds[K] | null): Kinds[K] | null {
    const found = present.drafts.find((one) => one.kind === kind && one.key === key)
    return found === undefined ? stored : (found.after as Kinds[K] | null)
  },
  isTouched(kind: Kind, key: string): boolean {
    return present.drafts.some((one) => one.kind === kind && one.key === key)
  },
  /** All documents of a kind as they would be after saving. */
  applied<K extends Kind>(kind: K, stored: readonly Kinds[K][]): Kinds[K][] {
    const ours = present.drafts.filter((one) => one.kind === kind)
    const found = stored.flatMap((document) => {
      const draft = ours.find((one) => one.key === keyOf(document))
      if (draft === undefined) return [document]
      return draft.after === null ? [] : [draft.after as Kinds[K]]
    })
    const known = new Set(stored.map(keyOf))
    for (const draft of ours) {
      if (draft.after !== null && !known.has(draft.key)) found.push(draft.after as Kinds[K])
    }
    return found
  },
  /**
   * Edit a document. `stored` is how it stands now, null for a new one. `gesture` names what
   * belongs together: edits in one gesture are undone together.
   */
  put<K extends Kind>(kind: K, document: Kinds[K], stored: Kinds[K] | null, gesture = ''): void {
    const key = keyOf(document)
    const others = present.drafts.filter((one) => one.kind !== kind || one.key !== key)
    const entry = { kind, key, before: stored, after: copyOf(document) }
    const next = isSame(document, stored) ? others : [...others, entry]
    change(next, gesture ? `${kind}/${key}/${gesture}` : `${Math.random()}`)
  },
  remove(kind: Kind, key: string, stored: unknown): void {
    const others = present.drafts.filter((one) => one.kind !== kind || one.key !== key)
    const entry = { kind, key, before: stored, after: null }
    change(stored === null ? others : [...others, entry], `${Math.random()}`)
  },
  /** Let one edit go. */
  revert(kind: Kind, key: string): void {
    const others = present.drafts.filter((one) => one.kind !== kind || one.key !== key)
    change(others, `${Math.random()}`)
  },
  undo(): void {
    const last = past.at(-1)
    if (last === undefined) return
    future = [...future, present.drafts]
    past = past.slice(0, -1)
    lastTouched = ''
    keep({ ...present, drafts: last })
  },
  redo(): void {
    const next = future.at(-1)
    if (next === undefined) return
    past = [...past, present.drafts]
    future = future.slice(0, -1)
    lastTouched = ''
    keep({ ...present, drafts: next })
  },
  /** The gesture is over: the next edit is a step of its own. */
  endGesture(): void {
    lastTouched = ''
  },
  /** Nothing is being edited any more. */
  clear(): void {
    past = []
    future = []
    lastTouched = ''
    keep({ etag: latest, drafts: [] })
  },
  /** As the service takes it. */
  edit(): Edit {
    return {
      put: present.drafts
        .filter((one) => one.after !== null)
        .map((one) => ({ kind: one.kind, document: one.after })),
      delete: present.drafts
        .filter((one) => one.after === null)
        .map((one) => ({ kind: one.kind, id: one.key })),
    }
  },
}

// What the service's own `resolve` makes of the drafts: asked a moment after the last edit, the
// last answer kept on the page until the next one is there.

import { get, send } from '../../lib/api'
import { drafts } from '../../lib/schedules/drafts.svelte'
import { copyOf, type Edit, type Program, type Put } from '../../lib/schedules/documents'
import type { Year } from '../../lib/schedules/heat'
import type { Night } from '../../lib/schedules/nights'

const PAUSE_MS = 180
/** The calendar under which a program is looked at that the zone does not follow that day. */
const SHOWN_ALONE = 'console-preview'

interface Wanted {
  readonly zone: string
  readonly day: string
  /** The program to look at, whatever the calendar says that day; null: as the calendar says. */
  readonly alone: Program | null
}

/** Drafts, and a calendar of the program alone for the zone where that is wanted. */
export function editFor(wanted: Wanted): Edit {
  const edit = drafts.edit()
  if (wanted.alone === null) return edit
  const name = SHOWN_ALONE
  const put: Put[] = [
    ...edit.put,
    { kind: 'calendars', document: { id: name, name, default: wanted.alone.id } },
    {
      kind: 'assignments',
      document: { layer: 'zone', target: wanted.zone, calendar: name },
    },
  ].filter(
    (one, index, list) =>
      one.kind !== 'assignments' ||
      index === list.length - 1 ||
      (one.document as { layer: string; target: string }).target !== wanted.zone,
  )
  return {
    put,
    delete: edit.delete.filter(
      (one) => one.kind !== 'assignments' || one.id !== `zone.${wanted.zone}`,
    ),
  }
}

interface Items<T> {
  readonly items: readonly T[]
}

function list<T>(answer: Items<T> | readonly T[]): readonly T[] {
  return Array.isArray(answer) ? (answer as readonly T[]) : (answer as Items<T>).items
}

export class NightPreview {
  night = $state.raw<Night | null>(null)
  /** The night as it is in force. */
  saved = $state.raw<Night | null>(null)
  /** The program as it was when `night` was asked for. */
  answered = $state.raw<Program | null>(null)
  isPending = $state(false)
  error = $state.raw<unknown>(null)

  private timer: ReturnType<typeof setTimeout> | undefined
  private asked: AbortController | null = null
  private shown = ''
  private savedFor = ''

  /** Ask for a night; `program` is the draft whose points are drawn. */
  want(wanted: Wanted, program: Program | null, revision: string | null): void {
    const edit = editFor(wanted)
    const name = JSON.stringify([wanted.zone, wanted.day, edit, revision])
    if (name === this.shown) return
    this.shown = name
    clearTimeout(this.timer)
    this.isPending = true
    const wait = this.night === null ? 0 : PAUSE_MS
    this.timer = setTimeout(() => void this.ask(wanted, edit, program, revision), wait)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.asked?.abort()
  }

  private async ask(
    wanted: Wanted,
    edit: Edit,
    program: Program | null,
    revision: string | null,
  ): Promise<void> {
    this.asked?.abort()
    const asked = new AbortController()
    this.asked = asked
    const answered = program === null ? null : copyOf(program)
    const path = `/zones/${encodeURIComponent(wanted.zone)}/nights`
    const query = { from: wanted.day, to: wanted.day }
    try {
      const savedFor = `${wanted.zone} ${wanted.day} ${revision}`
      if (this.savedFor !== savedFor) {
        const saved = await get<Items<Night>>(path, { query, signal: asked.signal })
        this.saved = list(saved)[0] ?? null
        this.savedFor = savedFor
      }
      const isSame = edit.put.length === 0 && edit.delete.length === 0
      const night = isSame
        ? this.saved
        : (list(
            (await send<Items<Night>>('POST', path, edit, { query, signal: asked.signal })).data,
          )[0] ?? null)
      this.night = night
      this.answered = answered
      this.error = null
      this.isPending = false
    } catch (failure) {
      if (asked.signal.aborted) return
      this.error = failure
      this.isPending = false
      this.shown = ''
    }
  }
}

export class YearPreview {
  year = $state.raw<Year | null>(null)
  saved = $state.raw<Year | null>(null)
  isPending = $state(false)
  error = $state.raw<unknown>(null)

  private timer: ReturnType<typeof setTimeout> | undefined
  private asked: AbortController | null = null
  private shown = ''
  private savedFor = ''

  want(zone: string, year: number, alone: Program | null, revision: string | null): void {
    const edit = editFor({ zone, day: '', alone })
    const name = JSON.stringify([zone, year, edit, revision])
    if (name === this.shown) return
    this.shown = name
    clearTimeout(this.timer)
    this.isPending = true
    const wait = this.year === null ? 0 : PAUSE_MS
    this.timer = setTimeout(() => void this.ask(zone, year, edit, revision), wait)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.asked?.abort()
  }

  private async ask(
    zone: string,
    year: number,
    edit: Edit,
    revision: string | null,
  ): Promise<void> {
    this.asked?.abort()
    const asked = new AbortController()
    this.asked = asked
    const path = `/zones/${encodeURIComponent(zone)}/year`
    try {
      const savedFor = `${zone} ${year} ${revision}`
      if (this.savedFor !== savedFor) {
        this.saved = await get<Year>(path, { query: { year }, signal: asked.signal })
        this.savedFor = savedFor
      }
      const isSame = edit.put.length === 0 && edit.delete.length === 0
      this.year = isSame
        ? this.saved
        : (await send<Year>('POST', path, edit, { query: { year }, signal: asked.signal })).data
      this.error = null
      this.isPending = false
    } catch (failure) {
      if (asked.signal.aborted) return
      this.error = failure
      this.isPending = false
      this.shown = ''
    }
  }
}

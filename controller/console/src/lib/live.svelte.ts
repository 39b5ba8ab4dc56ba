// What the service says by itself, as server-sent events: one stream for all pages, opened with
// the session, opened again when it breaks. Nothing here asks twice a second.

import { address, get, Problem } from './api'
import { language } from './i18n.svelte'
import type { Tonight } from './types'

export type Connection = 'connecting' | 'open' | 'lost'
export type EventName = 'tonight' | 'alarms' | 'overrides' | 'revision' | 'states'

const NAMES: readonly EventName[] = ['tonight', 'alarms', 'overrides', 'revision', 'states']
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000

let connection = $state<Connection>('connecting')
let tonight = $state.raw<Tonight | null>(null)
let heardAt = $state(0)
let serverAt = $state(0)

let stream: EventSource | null = null
let spoken = language.code
let waitMs = FIRST_WAIT_MS
let retry: ReturnType<typeof setTimeout> | undefined
const listeners = new Map<EventName, Set<(data: unknown) => void>>()

function hear(name: EventName, text: string): void {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return // one bad event is not worth the page; the next one heals
  }
  connection = 'open'
  waitMs = FIRST_WAIT_MS
  if (language.code !== spoken) open() // the reader chose another language meanwhile
  if (name === 'tonight') take(data as Tonight)
  for (const listener of listeners.get(name) ?? []) listener(data)
}

function take(said: Tonight): void {
  tonight = said
  heardAt = Date.now()
  serverAt = Date.parse(said.at)
}

function open(): void {
  clearTimeout(retry)
  stream?.close()
  spoken = language.code
  const opened = new EventSource(address('/events', { language: spoken }))
  stream = opened
  opened.onopen = () => (connection = 'open')
  opened.onerror = () => {
    if (stream !== opened) return
    opened.close()
    connection = 'lost'
    // Waits grow and differ, so that a hundred consoles do not come back in one moment.
    retry = setTimeout(() => void again(), waitMs * (0.75 + Math.random() / 2))
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
  }
  for (const name of NAMES) {
    opened.addEventListener(name, (event) => hear(name, (event as MessageEvent<string>).data))
  }
}

async function again(): Promise<void> {
  // An event stream does not tell why it was refused; a plain request does (the session's end).
  try {
    take(await get<Tonight>('/tonight'))
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return
  }
  open()
}

export const live = {
  get connection(): Connection {
    return connection
  },
  /** How the city stands; null until it was first heard. */
  get tonight(): Tonight | null {
    return tonight
  },
  /** When `tonight` was heard, by this machine's clock (ms). */
  get heardAt(): number {
    return heardAt
  },
  /** The service's time (ms), which may run faster than ours in a demonstration. */
  get serverAt(): number {
    return serverAt
  },
  /** Begin, once signed in. */
  start(): void {
    connection = 'connecting'
    void again()
  },
  stop(): void {
    clearTimeout(retry)
    stream?.close()
    stream = null
    tonight = null
  },
  /** Hear one kind of event; returns what ends it (for `$effect`). */
  on<T>(name: EventName, listener: (data: T) => void): () => void {
    const all = listeners.get(name) ?? new Set()
    listeners.set(name, all)
    const entry = listener as (data: unknown) => void
    all.add(entry)
    return () => all.delete(entry)
  },
}

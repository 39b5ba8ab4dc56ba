// The one way to the service. Adds the CSRF token, asks in the reader's language, carries ETags,
// and turns every refusal into a `Problem` that says what would be right.

import { language } from './i18n.svelte'
import type { Query } from './route.svelte'

/** One wrong field of a request, as the service names it. */
export interface FieldError {
  readonly field: string
  readonly value?: unknown
  readonly expected?: string
  readonly detail: string
}

/** What the service (or the way to it) refused. `status` 0: the service was not reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title)
  }
}

export interface Answer<T> {
  readonly data: T
  /** The revision of documents, for `ifMatch`. */
  readonly etag: string | null
  readonly status: number
}

export interface Options {
  query?: Query
  signal?: AbortSignal
  /** The ETag that the edit began from. */
  ifMatch?: string | null
  /** Makes a repeated POST one action; `newKey()` once per intent. */
  key?: string
}

export const BASE = '/api/v1'

let csrf: string | null = null
let whenSignedOut: () => void = () => {}

/** The token of this session's unsafe requests. */
export function useCsrf(token: string | null): void {
  csrf = token
}

/** What to do when the service no longer knows the session. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act
}

/** A key for one intent: the same one again when it is sent again. */
export function newKey(): string {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join('')
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

/** The address of something under the API, with a query. */
export function address(path: string, query: Query = {}): string {
  const wanted = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') wanted.set(name, String(value))
  }
  const tail = wanted.toString()
  return `${BASE}${path}${tail ? `?${tail}` : ''}`
}

async function ask(method: string, path: string, body: unknown, options: Options): Promise<Response> {
  const headers = new Headers({
    Accept: 'application/json',
    'Accept-Language': language.tag,
  })
  let sent: BodyInit | undefined
  if (body instanceof FormData) {
    sent = body
  } else if (body !== undefined) {
    headers.set('Content-Type', 'application/json')
    sent = JSON.stringify(body)
  }
  if (csrf !== null && method !== 'GET') headers.set('X-CSRF-Token', csrf)
  if (options.ifMatch) headers.set('If-Match', options.ifMatch)
  if (options.key !== undefined) headers.set('Idempotency-Key', options.key)
  let answer: Response
  try {
    answer = await fetch(address(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(sent === undefined ? {} : { body: sent }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, 'unreachable', '')
  }
  if (answer.ok || answer.status === 304) return answer
  const problem = await problemOf(answer)
  // The sign-in page asks for the session itself and shows its refusal.
  if (answer.status === 401 && path !== '/session') whenSignedOut()
  throw problem
}

async function problemOf(answer: Response): Promise<Problem> {
  let body: Record<string, unknown> = {}
  try {
    body = (await answer.json()) as Record<string, unknown>
  } catch {
    // Not from the service: a proxy in between, perhaps.
  }
  return new Problem(
    answer.status,
    String(body.title ?? answer.statusText),
    String(body.detail ?? ''),
    Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
    body,
  )
}

async function answered<T>(answer: Response): Promise<Answer<T>> {
  const isEmpty = answer.status === 204 || answer.headers.get('content-length') === '0'
  const data = (isEmpty ? undefined : await answer.json()) as T
  return { data, etag: answer.headers.get('etag'), status: answer.status }
}

/** Read; throws `Problem`. */
export async function get<T>(path: string, options: Options = {}): Promise<T> {
  return (await getTagged<T>(path, options)).data
}

/** Read with the ETag that a later write names. */
export async function getTagged<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  return answered<T>(await ask('GET', path, undefined, options))
}

/** Read bytes (`/map/...`). */
export async function getBytes(path: string, options: Options = {}): Promise<ArrayBuffer> {
  return (await ask('GET', path, undefined, options)).arrayBuffer()
}

/** Act or write; throws `Problem`. */
export async function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  options: Options = {},
): Promise<Answer<T>> {
  return answered<T>(await ask(method, path, body, options))
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
  readonly total: number
}

// A list of the service, page by page: what is loaded, whether more follows, what went wrong.

import { get, type Page } from './api'
import type { Query } from './route.svelte'

const STEP = 100

export class List<T> {
  items = $state.raw<readonly T[]>([])
  total = $state<number | null>(null)
  problem = $state.raw<unknown>(null)
  isBusy = $state(false)
  #next = $state<string | null>(null)
  #path = ''
  #query: Query = {}
  #asked = 0

  get hasMore(): boolean {
    return this.#next !== null
  }

  get isEmpty(): boolean {
    return this.total !== null && this.items.length === 0 && !this.isBusy && this.problem === null
  }

  /** Load from the first; what is shown stays until the answer is there. */
  async load(path: string, query: Query = {}): Promise<void> {
    this.#path = path
    this.#query = query
    await this.#ask(null)
  }

  /** Load the same again. */
  async reload(): Promise<void> {
    if (this.#path !== '') await this.#ask(null)
  }

  async more(): Promise<void> {
    if (this.#next !== null && !this.isBusy) await this.#ask(this.#next)
  }

  async #ask(after: string | null): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    this.isBusy = true
    try {
      const page = await get<Page<T>>(this.#path, { query: { limit: STEP, ...this.#query, after } })
      if (asked !== this.#asked) return // a later question was faster
      this.items = after === null ? page.items : [...this.items, ...page.items]
      this.#next = page.next
      this.total = page.total
      this.problem = null
    } catch (error) {
      if (asked === this.#asked) this.problem = error
    } finally {
      if (asked === this.#asked) this.isBusy = false
    }
  }
}

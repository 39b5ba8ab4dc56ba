// Where the reader is: `#/page/rest?name=value`. The hash needs no help of the server.

export interface Route {
  /** The page's name, `tonight` where the hash names none. */
  readonly page: string
  /** What follows the page, decoded. */
  readonly rest: readonly string[]
  readonly query: URLSearchParams
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2)
  const [page = '', ...rest] = path.split('/').map((part) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  })
  return { page: page || 'tonight', rest, query: new URLSearchParams(query) }
}

let present = $state.raw<Route>(read())
addEventListener('hashchange', () => (present = read()))

export const route = {
  get page(): string {
    return present.page
  },
  get rest(): readonly string[] {
    return present.rest
  },
  get query(): URLSearchParams {
    return present.query
  },
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

/** The hash of a page, for `href`. Empty values are left out. */
export function link(page: string, query: Query = {}): string {
  const wanted = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') wanted.set(name, String(value))
  }
  const path = page.split('/').map(encodeURIComponent).join('/')
  const tail = wanted.toString()
  return tail ? `#/${path}?${tail}` : `#/${path}`
}

/** Go to a page; `replace` leaves no step to come back to. */
export function go(page: string, query: Query = {}, { replace = false } = {}): void {
  const hash = link(page, query)
  if (replace) {
    history.replaceState(null, '', hash)
    present = read()
  } else {
    location.hash = hash
  }
}

// Who is signed in, and what they may do. The service decides; this only hides what it would refuse.

import { get, onSignedOut, Problem, send, useCsrf } from './api'
import { language, type Language } from './i18n.svelte'
import { drafts } from './schedules/drafts.svelte'
import type { City } from './types'

export interface Grant {
  readonly role: string
  readonly scope: { readonly kind: 'city' | 'district' | 'zone'; readonly id?: string | null }
}

export interface Session {
  readonly user: { readonly id: string; readonly name: string; readonly language?: string | null }
  readonly grants: readonly Grant[]
  readonly rights: readonly string[]
  readonly csrf: string
}

export type State = 'asking' | 'out' | 'in' | 'expired' | 'unreachable'

// A browser that never signed in is not asked for its cookie: the refusal would only stand as an
// error in its console. The cookie itself is out of reach here.
const KEPT = 'lamplighter.signed_in'

let state = $state<State>('asking')
let present = $state.raw<Session | null>(null)
let city = $state.raw<City | null>(null)

onSignedOut(() => {
  // What is on the page stays there: whoever signs in again finds their work.
  if (state === 'in') state = 'expired'
})

/** `tells`: the browser's other tabs, which have the same cookie. */
async function enter(body: Session, tells = true): Promise<void> {
  useCsrf(body.csrf)
  present = body
  drafts.belongTo(body.user.id)
  if (tells) localStorage.setItem(KEPT, new Date().toISOString())
  if (body.user.language === 'zh' || body.user.language === 'en') language.prefer(body.user.language)
  city = await get<City>('/city')
  state = 'in'
}

// Somebody came in or left in another tab: this one has their cookie, and needs what goes with it.
addEventListener('storage', (event) => {
  if (event.key !== KEPT || (state !== 'in' && state !== 'expired')) return
  if (event.newValue === null) state = 'expired'
  else get<Session>('/session').then((body) => enter(body, false)).catch(() => undefined)
})

export const session = {
  get state(): State {
    return state
  },
  /** The signed-in user; only pages behind the sign-in read it. */
  get user(): Session['user'] {
    return present?.user ?? { id: '', name: '' }
  },
  get grants(): readonly Grant[] {
    return present?.grants ?? []
  },
  /** May this user do that anywhere? The service answers for the single zone. */
  may(right: string): boolean {
    return present?.rights.includes(right) ?? false
  },
  get city(): City | null {
    return city
  },
  /** Ask whether the cookie still holds. */
  async begin(): Promise<void> {
    if (localStorage.getItem(KEPT) === null) {
      state = 'out'
      return
    }
    try {
      await enter(await get<Session>('/session'), false)
    } catch (error) {
      state = error instanceof Problem && error.status === 401 ? 'out' : 'unreachable'
    }
  },
  async signIn(user: string, password: string): Promise<void> {
    await enter((await send<Session>('POST', '/session', { user, password })).data)
  },
  /** With the one-time link that the service printed. */
  async useLink(link: string): Promise<void> {
    await enter((await send<Session>('POST', '/session', { link })).data)
  },
  /** Make the first user, by the link of the first start. */
  async setUp(link: string, user: string, name: string, password: string): Promise<void> {
    await enter((await send<Session>('POST', '/setup', { link, user, name, password })).data)
  },
  /** End this session, or all sessions of this user. */
  async signOut({ everywhere = false } = {}): Promise<void> {
    try {
      await send('DELETE', '/session', undefined, { query: { everywhere } })
    } finally {
      useCsrf(null)
      localStorage.removeItem(KEPT)
      present = null
      state = 'out'
    }
  },
  /** Change how one is called, or the language one reads wherever one signs in. */
  async changeOwn(change: { name?: string; language?: Language }): Promise<void> {
    const { user } = (await send<Session>('PATCH', '/session', change)).data
    if (present !== null) present = { ...present, user }
  },
  /** Zones, names and floors may be others since. What is the same stays the same object. */
  async refreshCity(): Promise<void> {
    const found = await get<City>('/city')
    if (city === null || JSON.stringify({ ...found, revision: city.revision }) !== JSON.stringify(city)) city = found
  },
}

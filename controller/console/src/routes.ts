// The pages: where they stand in the navigation, whom they are for, and what loads them.
// A page is loaded when it is first opened, so that a phone need not fetch the map to see tonight.

import type { Component } from 'svelte'
import type { IconName } from './lib/icons'

export interface PageRoute {
  readonly name: string
  readonly icon: IconName
  /** The catalogue's key of its name. */
  readonly label: string
  /** A right without which it is not offered. */
  readonly right?: string
  /** In the bar of a phone; the others stand under "more". */
  readonly isPrimary?: boolean
  readonly isHidden?: boolean
  readonly load: () => Promise<{ default: Component }>
}

export const PAGES: readonly PageRoute[] = [
  { name: 'tonight', icon: 'tonight', label: 'nav.tonight', isPrimary: true, load: () => import('./pages/Tonight.svelte') },
  { name: 'map', icon: 'map', label: 'nav.map', isPrimary: true, load: () => import('./pages/Map.svelte') },
  { name: 'schedules', icon: 'schedules', label: 'nav.schedules', load: () => import('./pages/Schedules.svelte') },
  { name: 'overrides', icon: 'overrides', label: 'nav.overrides', isPrimary: true, load: () => import('./pages/Overrides.svelte') },
  { name: 'alarms', icon: 'alarms', label: 'nav.alarms', isPrimary: true, load: () => import('./pages/Alarms.svelte') },
  { name: 'energy', icon: 'energy', label: 'nav.energy', load: () => import('./pages/Energy.svelte') },
  { name: 'fleet', icon: 'fleet', label: 'nav.fleet', load: () => import('./pages/Fleet.svelte') },
  { name: 'audit', icon: 'audit', label: 'nav.audit', right: 'audit', load: () => import('./pages/Audit.svelte') },
  { name: 'admin', icon: 'admin', label: 'nav.admin', load: () => import('./pages/Admin.svelte') },
  { name: 'profile', icon: 'user', label: 'nav.profile', isHidden: true, load: () => import('./pages/Profile.svelte') },
]

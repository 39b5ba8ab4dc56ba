// How luminaires stand: the words, icons and tones of every state, in one place for all pages.

import { t } from './i18n.svelte'
import type { IconName } from './icons'
import type { Stand } from './types'

export type StateName = Exclude<keyof Stand, 'luminaires' | 'lit_rate' | 'next'>
export type Tone = 'good' | 'warn' | 'bad' | 'lamp' | 'calm' | 'info'

interface Look {
  readonly icon: IconName
  readonly tone: Tone
  /** Somebody should look at it. */
  readonly isTrouble: boolean
}

export const STATES: Readonly<Record<StateName, Look>> = {
  lit: { icon: 'lit', tone: 'lamp', isTrouble: false },
  off: { icon: 'off', tone: 'calm', isTrouble: false },
  other_level: { icon: 'schedules', tone: 'info', isTrouble: false },
  dark: { icon: 'dark', tone: 'bad', isTrouble: true },
  day_burning: { icon: 'day_burning', tone: 'warn', isTrouble: true },
  fault: { icon: 'wrench', tone: 'bad', isTrouble: true },
  offline: { icon: 'offline', tone: 'warn', isTrouble: true },
  unknown: { icon: 'unknown', tone: 'calm', isTrouble: false },
}

export const STATE_NAMES = Object.keys(STATES) as readonly StateName[]
export const TROUBLES = STATE_NAMES.filter((name) => STATES[name].isTrouble)

export function stateText(name: StateName): string {
  return t(`common.state_${name}`)
}

/** Luminaires that somebody should look at. */
export function troubles(stand: Stand): number {
  return TROUBLES.reduce((total, name) => total + stand[name], 0)
}

// Alarms and work orders as the API tells them.

import { tOr } from './i18n.svelte'
import type { IconName } from './icons'

export interface Alarm {
  id: number
  type: string
  severity: string
  scope: string
  subject: string
  began: string
  raised: string
  cleared: string | null
  ending: string | null
  affected: number
  worst: number
  total: number
  detail: string
  acknowledged: string | null
  acknowledged_by: string | null
  note: string | null
  /** In the reader's language, where the service says them. */
  title?: string
  place?: string
  zone?: string | null
  district?: string | null
}

export type Severity = 'critical' | 'warning' | 'info'

export const SEVERITIES: Readonly<Record<Severity, { icon: IconName; tone: 'bad' | 'warn' | 'info' }>> = {
  critical: { icon: 'alarms', tone: 'bad' },
  warning: { icon: 'alarms', tone: 'warn' },
  info: { icon: 'info', tone: 'info' },
}

export function severityOf(alarm: Alarm): Severity {
  return alarm.severity in SEVERITIES ? (alarm.severity as Severity) : 'info'
}

export function titleOf(alarm: Pick<Alarm, 'type' | 'title'>): string {
  return tOr(`alarms.type_${alarm.type}`, alarm.title || alarm.type)
}

export type OrderState = 'open' | 'in_progress' | 'done' | 'cancelled'

export interface WorkOrder {
  number: number
  title: string
  state: OrderState
  alarm: number | null
  luminaires: string[]
  zone: string | null
  assignee: string | null
  note: string | null
  created_at: string
  created_by: string
  changed_at: string
  /** Grows with every change; its ETag. */
  version: number
  history?: { at: string; by: string; state: string; note: string }[]
}

export const ORDER_STATES: readonly OrderState[] = ['open', 'in_progress', 'done', 'cancelled']

export const ORDER_LOOKS: Readonly<Record<OrderState, { icon: IconName; tone: 'warn' | 'info' | 'good' | 'calm' }>> = {
  open: { icon: 'clock', tone: 'warn' },
  in_progress: { icon: 'wrench', tone: 'info' },
  done: { icon: 'check', tone: 'good' },
  cancelled: { icon: 'cross', tone: 'calm' },
}

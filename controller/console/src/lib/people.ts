// Users, what they are granted, and what lets them in, as the API tells them.

import { t } from './i18n.svelte'
import { districtName, zoneName } from './places'
import type { Grant } from './session.svelte'

export const ROLES = ['viewer', 'operator', 'planner', 'maintainer', 'admin'] as const
export type Role = (typeof ROLES)[number]

export interface Person {
  id: string
  name: string
  language: string | null
  is_disabled: boolean
  has_password: boolean
  created_at: string
  locked_until: string | null
  grants: Grant[]
}

/** A session or a token, without its secret. */
export interface Pass {
  key: string
  user: string
  name: string
  address: string
  created_at: string
  seen_at: string | null
  expires_at: string
  is_own: boolean
  grants: Grant[]
}

export interface Approval {
  number: number
  kind: string
  summary: string
  reasons: string[]
  asked_by: string
  asked_at: string
  expires_at: string
  state: string
  decided_by: string
  decided_at: string | null
  note: string
  is_own: boolean
}

export interface AuditLine {
  number: number
  at: string
  actor: string
  via: string
  address: string
  action: string
  subject: string
  outcome: string
  detail: Record<string, unknown>
  hash: string
}

export interface Verdict {
  is_whole: boolean
  lines: number
  head: string
  broken_at: number | null
  why: string
}

/** "Operator: Chaoyang" */
export function grantText(grant: Grant): string {
  const { kind, id } = grant.scope
  const place =
    kind === 'city' ? t('common.whole_city') : kind === 'district' ? districtName(id ?? '') : zoneName(id ?? '')
  return t('admin.grant_text', { role: t(`admin.role_${grant.role}`), place })
}

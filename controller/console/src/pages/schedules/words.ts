// What anchors and points are called.

import { language, t } from '../../lib/i18n.svelte'
import { number } from '../../lib/format'
import { type Anchor, baseOf } from '../../lib/schedules/anchors'
import type { Point } from '../../lib/schedules/points'

/** `10 min after sunset`; what a person would say of an anchor. */
export function anchorWords(anchor: Anchor): string {
  const base =
    anchor.kind === 'clock'
      ? anchor.local_time
      : anchor.kind === 'sun'
        ? t(`schedules.base_${anchor.event}`)
        : t(`schedules.at_${baseOf(anchor)}`, { value: anchor.value })
  const parts = [anchor.offset_s ? offsetWords(base, anchor.offset_s) : base]
  if (anchor.not_before !== null) parts.push(t('schedules.words_not_before', { time: anchor.not_before }))
  if (anchor.not_after !== null) parts.push(t('schedules.words_not_after', { time: anchor.not_after }))
  return parts.join(language.code === 'zh' ? '，' : ', ')
}

function offsetWords(base: string, offset_s: number): string {
  const size = minutesWords(Math.abs(offset_s))
  return t(offset_s < 0 ? 'schedules.words_before' : 'schedules.words_after', { size, base })
}

function minutesWords(seconds: number): string {
  const minutes = seconds / 60
  const text = Number.isInteger(minutes) ? number(minutes) : number(minutes, 1)
  return t('schedules.minutes', { n: text })
}

/** What a point is called, in its program. */
export function pointName(point: Point): string {
  return point.role === 'step'
    ? t('schedules.point_step', { n: point.index + 1 })
    : t(`schedules.point_${point.role}`)
}

// Whom an override means, in words.

import { language, t } from './i18n.svelte'
import { categoryName, districtName, zoneName } from './places'
import type { Override } from './types'

const NAMED = 3

/** "Chaoyang, Haidian and 2 more", "the whole city", "12 luminaires". */
export function whomOf(one: Pick<Override, 'city' | 'districts' | 'categories' | 'zones' | 'luminaires'>): string {
  if (one.city) return t('common.whole_city')
  const names = [
    ...one.districts.map(districtName),
    ...one.categories.map(categoryName),
    ...one.zones.map(zoneName),
  ]
  if (one.luminaires.length > 0) {
    names.push(
      one.luminaires.length === 1
        ? String(one.luminaires[0])
        : t('common.n_luminaires', { n: one.luminaires.length }),
    )
  }
  const shown = names.slice(0, NAMED).join(language.code === 'zh' ? '、' : ', ')
  return names.length > NAMED ? t('common.and_more', { names: shown, n: names.length - NAMED }) : shown
}

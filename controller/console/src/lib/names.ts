// What a document is called: in Chinese its name, in English the English one where it has one.

import { language } from './i18n.svelte'

interface Named {
  readonly id: string
  readonly name?: string | null
  readonly name_en?: string | null
}

export function nameOf(one: Named): string {
  return (language.code === 'en' ? one.name_en : null) || one.name || one.id
}

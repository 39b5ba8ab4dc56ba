// Language of what people read. Two catalogues, `i18n/zh` and `i18n/en`, one file per page:
// a key is `<file>.<name>`. A test holds both complete, and every key used in the sources.

export type Language = 'zh' | 'en'

type Catalogue = Readonly<Record<string, string>>

const files = import.meta.glob<Catalogue>('../i18n/*/*.json', { eager: true, import: 'default' })
const texts: Record<Language, Map<string, string>> = { zh: new Map(), en: new Map() }
for (const [path, catalogue] of Object.entries(files)) {
  const [, language, page] = /\/(zh|en)\/([a-z_]+)\.json$/.exec(path) ?? []
  if (language === undefined || page === undefined) continue
  for (const [name, text] of Object.entries(catalogue)) {
    texts[language as Language].set(`${page}.${name}`, text)
  }
}

const KEPT = 'lamplighter.language'

function first(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh' || kept === 'en') return kept
  const wanted = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag))
  return wanted?.toLowerCase().startsWith('en') ? 'en' : 'zh'
}

let code = $state<Language>(first())

export const language = {
  get code(): Language {
    return code
  },
  /** For `Intl`, `lang` attributes and Accept-Language. */
  get tag(): string {
    return code === 'zh' ? 'zh-CN' : 'en-GB'
  },
  /** The user's own language, unless another was chosen at this machine. */
  prefer(wanted: Language): void {
    if (localStorage.getItem(KEPT) === null) code = wanted
  },
  choose(wanted: Language): void {
    code = wanted
    localStorage.setItem(KEPT, wanted)
    document.documentElement.lang = language.tag
  },
}

document.documentElement.lang = language.tag

/**
 * The text of a key in the reader's language.
 *
 * `{name}` is replaced; `{n|lamp|lamps}` picks by the plural of `n` (its number is not shown).
 */
export function t(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = texts[code].get(key)
  if (text === undefined) {
    console.error(`no text for ${key} in ${code}`)
    return key
  }
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one, other) => {
    const value = values[name]
    if (value === undefined) return whole
    if (one === undefined) return String(value)
    const isOne = new Intl.PluralRules(language.tag).select(Number(value)) === 'one'
    return isOne ? String(one) : String(other)
  })
}

/** The text of a key, or `fallback` where the catalogues hold none: for words of the service. */
export function tOr(key: string, fallback: string): string {
  return texts[code].get(key) ?? fallback
}

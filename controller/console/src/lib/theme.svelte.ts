// Light or dark, as the machine is set or as chosen here; the wall is always dark.

export type Theme = 'system' | 'light' | 'dark'

const KEPT = 'lamplighter.theme'
const machine = matchMedia('(prefers-color-scheme: dark)')

function first(): Theme {
  const kept = localStorage.getItem(KEPT)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

let chosen = $state<Theme>(first())
let machineIsDark = $state(machine.matches)
machine.addEventListener('change', (event) => (machineIsDark = event.matches))

export const theme = {
  get chosen(): Theme {
    return chosen
  },
  get isDark(): boolean {
    return chosen === 'dark' || (chosen === 'system' && machineIsDark)
  },
  choose(wanted: Theme): void {
    chosen = wanted
    if (wanted === 'system') localStorage.removeItem(KEPT)
    else localStorage.setItem(KEPT, wanted)
  },
}

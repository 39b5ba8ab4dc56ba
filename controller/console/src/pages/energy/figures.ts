// Energies of reports, which are kWh.

import { energy, number } from '../../lib/format'

export function kwh(value: number | null | undefined): string {
  return energy(value === null || value === undefined ? null : value * 3.6e6)
}

/** An amount of money: `1,234 CNY`. */
export function money(amount: number, currency: string): string {
  return `${number(amount, Math.abs(amount) < 100 ? 2 : 0)} ${currency}`
}

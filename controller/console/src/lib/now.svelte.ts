// The service's time, as a ticking value: countdowns run by the controller's clock, not by the
// reader's.

import { live } from './live.svelte'

let local = $state(Date.now())
setInterval(() => (local = Date.now()), 1000)

/** Now, by the service (ms); by this machine until the service was heard. */
export function now(): number {
  const since = local - live.heardAt
  return live.heardAt === 0 ? local : live.serverAt + Math.max(0, since)
}

/** Now, by the machines' clocks (ms): of people's sessions and approvals, which no demonstration hurries. */
export function machineNow(): number {
  return local
}

/** Seconds since the service was last heard. */
export function silence(): number {
  return live.heardAt === 0 ? 0 : Math.max(0, (local - live.heardAt) / 1000)
}

// A console that stays open for weeks outlives the service's renewals: it notices when the page
// that the service hands out is another one.

let first: string | null = null

/** Whether the service now serves another console than the one that runs here. */
export async function isRenewed(): Promise<boolean> {
  let text: string
  try {
    const answer = await fetch('./', { cache: 'no-store', headers: { Accept: 'text/html' } })
    if (!answer.ok) return false
    text = await answer.text()
  } catch {
    return false // not reached: nothing is known
  }
  first ??= text
  return text !== first
}

// Short news of what an action did: read out by screen readers, gone by itself unless it failed.

export interface Toast {
  readonly id: number
  readonly kind: 'done' | 'failed'
  readonly text: string
}

let list = $state.raw<readonly Toast[]>([])
let last = 0
const SHOWN_MS = 6000

export const toasts = {
  get list(): readonly Toast[] {
    return list
  },
  done(text: string): void {
    add('done', text)
  },
  failed(text: string): void {
    add('failed', text)
  },
  dismiss(id: number): void {
    list = list.filter((toast) => toast.id !== id)
  },
}

function add(kind: Toast['kind'], text: string): void {
  last += 1
  const id = last
  list = [...list.slice(-3), { id, kind, text }]
  if (kind === 'done') setTimeout(() => toasts.dismiss(id), SHOWN_MS)
}

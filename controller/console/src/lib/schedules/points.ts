// The points of a program that a person can take hold of: where the window opens and closes, the
// part-night hole, and the dimming steps. Moving a point rewrites its anchor in the document.

import { anchorText, type Anchor, moved, parseAnchor } from './anchors'
import { copyOf, type Program } from './documents'

export type Role = 'on' | 'off' | 'extinguish_off' | 'extinguish_on' | 'step'

export interface Point {
  /** `on`, `off`, `extinguish_off`, `extinguish_on`, `step0` ... */
  readonly key: string
  readonly role: Role
  /** Place among the program's steps; -1 for the others. */
  readonly index: number
  readonly text: string
  readonly anchor: Anchor | null
  /** % of rated light output; null where the point has none, or asks for light instead. */
  readonly level: number | null
}

/** Every point of a program, the window first, the steps in the document's order. */
export function pointsOf(program: Program): Point[] {
  const found: Point[] = [point('on', -1, program.window.on, null)]
  for (const [index, step] of (program.steps ?? []).entries()) {
    found.push(point('step', index, step.at, step.level ?? null))
  }
  if (program.extinguish) {
    found.push(point('extinguish_off', -1, program.extinguish.off, null))
    found.push(point('extinguish_on', -1, program.extinguish.on, null))
  }
  found.push(point('off', -1, program.window.off, null))
  return found
}

function point(role: Role, index: number, text: string, level: number | null): Point {
  const key = role === 'step' ? `step${index}` : role
  return { key, role, index, text, anchor: parseAnchor(text), level }
}

/** A copy of the program with another anchor at a point. */
export function withAnchor(program: Program, at: Point, anchor: Anchor): Program {
  const copy = copyOf(program)
  const text = anchorText(anchor)
  switch (at.role) {
    case 'on':
    case 'off':
      copy.window[at.role] = text
      break
    case 'extinguish_off':
      copy.extinguish!.off = text
      break
    case 'extinguish_on':
      copy.extinguish!.on = text
      break
    case 'step':
      copy.steps![at.index]!.at = text
  }
  return copy
}

/** A copy of the program with a point moved in time, as the anchor it is. */
export function withMove(program: Program, at: Point, seconds: number): Program {
  return at.anchor === null || seconds === 0
    ? program
    : withAnchor(program, at, moved(at.anchor, seconds))
}

/** A copy with another level at a step. */
export function withLevel(program: Program, index: number, level: number): Program {
  const copy = copyOf(program)
  const { at, ramp_s } = copy.steps![index]!
  const clamped = Math.max(0, Math.min(100, Math.round(level * 10) / 10))
  copy.steps![index] = { at, level: clamped, ...(ramp_s ? { ramp_s } : {}) }
  return copy
}

/** A copy with one step more, at the end; its place is that of the last step. */
export function withStep(program: Program, local_time: string, level: number): Program {
  const copy = copyOf(program)
  copy.steps = [...(copy.steps ?? []), { at: local_time, level: Math.round(level) }]
  return copy
}

/** A copy without a step, or without the part-night hole. */
export function without(program: Program, at: Point): Program {
  const copy = copyOf(program)
  if (at.role === 'step') copy.steps!.splice(at.index, 1)
  else if (at.role.startsWith('extinguish')) delete copy.extinguish
  return copy
}

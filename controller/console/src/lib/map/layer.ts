// The luminaires as one layer of points on the GPU, under a map that neither turns nor tilts.
// Positions go up once, relative to the middle of the city (32 bits are then precise to a
// hundredth of a pixel at any zoom); looks go up when states or filters change. Those that need
// somebody are drawn last and never smaller than their shape needs to be told apart.

import type { CustomLayerInterface, Map as MapLibre } from 'maplibre-gl'
import { mercatorX, mercatorY } from './geometry'

export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'ring', 'cross', 'plus', 'dot'] as const
export type Shape = (typeof SHAPES)[number]

/** How one luminaire is drawn. */
export interface Look {
  readonly rgb: readonly [number, number, number]
  readonly shape: Shape
  /** Drawn above the others, and never as a mere dot. */
  readonly stands_out: boolean
}

const VERTEX = `#version 300 es
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec4 a_colour;
layout(location = 2) in vec2 a_kind;
uniform vec2 u_scale;
uniform vec2 u_shift;
uniform float u_size;
uniform float u_least;
out vec4 v_colour;
flat out int v_shape;
flat out float v_size;
void main() {
  int flags = int(a_kind.y + 0.5);
  bool selected = (flags & 2) != 0;
  float size = (flags & 1) != 0 ? max(u_size, u_least) : u_size;
  if (selected) size = max(size, u_least) + 4.0;
  gl_Position = vec4(a_place * u_scale + u_shift, 0.0, 1.0);
  gl_PointSize = size;
  v_size = size;
  v_colour = a_colour;
  v_shape = int(a_kind.x + 0.5) + (selected ? 16 : 0);
}`

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 v_colour;
flat in int v_shape;
flat in float v_size;
uniform vec3 u_edge;
uniform vec3 u_mark;
out vec4 o_colour;
float inside(int shape, vec2 p) {
  if (shape == 1) return 0.78 - max(abs(p.x), abs(p.y));
  if (shape == 2) return min(0.72 - p.y, (0.86 + p.y) * 0.5 - abs(p.x) * 0.95);
  if (shape == 3) return (1.0 - abs(p.x) - abs(p.y)) * 0.75;
  if (shape == 4) return 0.26 - abs(length(p) - 0.66);
  if (shape == 5) {
    vec2 q = abs(vec2(p.x + p.y, p.x - p.y)) * 0.7071;
    return min(0.3 - min(q.x, q.y), 0.95 - max(q.x, q.y));
  }
  if (shape == 6) {
    vec2 q = abs(p);
    return min(0.3 - min(q.x, q.y), 0.92 - max(q.x, q.y));
  }
  if (shape == 7) return 0.5 - length(p);
  return 0.86 - length(p);
}
void main() {
  bool selected = v_shape >= 16;
  int shape = selected ? v_shape - 16 : v_shape;
  if (v_size < 5.0) {
    o_colour = v_colour;
    return;
  }
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float soft = 2.0 / v_size;
  if (selected) {
    float halo = abs(length(p) - 0.88);
    if (halo < 0.11) { o_colour = vec4(u_mark, 1.0); return; }
    p *= 1.45;
    soft *= 1.45;
  }
  float d = inside(shape, p);
  if (d < -soft) discard;
  float fill = smoothstep(soft * 0.4, soft * 1.4, d);
  o_colour = vec4(mix(u_edge, v_colour.rgb, fill), smoothstep(-soft, 0.0, d));
  o_colour.rgb *= o_colour.a;
}`

/** Diameter of a luminaire in CSS pixels at a zoom. */
export function sizeAt(zoom: number): number {
  return Math.max(2, Math.min(18, 3 + (zoom - 12) * 2))
}

const LEAST = 9

export class LuminaireLayer implements CustomLayerInterface {
  readonly id = 'luminaires'
  readonly type = 'custom' as const
  readonly renderingMode = '2d' as const
  /** Mercator, 0 to 1. */
  readonly xs: Float64Array
  readonly ys: Float64Array

  private map: MapLibre | null = null
  private gl: WebGL2RenderingContext | null = null
  private program: WebGLProgram | null = null
  private places: WebGLBuffer | null = null
  private looks: WebGLBuffer | null = null
  private order: WebGLBuffer | null = null
  private array: WebGLVertexArrayObject | null = null
  private readonly uniforms: Record<string, WebGLUniformLocation | null> = {}
  private readonly middle: readonly [number, number]
  private readonly relative: Float32Array
  /** r, g, b, a, shape, flags of each. */
  private readonly look: Uint8Array
  private drawn = new Uint32Array(0)
  private isStale = true
  private edge: readonly number[] = [1, 1, 1]
  private mark: readonly number[] = [0, 0, 0]
  /** Below this zoom nothing is drawn. */
  minimumZoom = 0

  constructor(lon: Int32Array, lat: Int32Array) {
    const n = lon.length
    this.xs = new Float64Array(n)
    this.ys = new Float64Array(n)
    this.relative = new Float32Array(2 * n)
    this.look = new Uint8Array(6 * n)
    let [x, y] = [0, 0]
    for (let i = 0; i < n; i++) {
      this.xs[i] = mercatorX(lon[i]! / 1e7)
      this.ys[i] = mercatorY(lat[i]! / 1e7)
      x += this.xs[i]! / n
      y += this.ys[i]! / n
    }
    this.middle = [x, y]
    for (let i = 0; i < n; i++) {
      this.relative[2 * i] = this.xs[i]! - x
      this.relative[2 * i + 1] = this.ys[i]! - y
    }
  }

  /** How each luminaire looks now; null: it is not shown. Of equals the later is above. */
  show(
    lookOf: (index: number) => Look | null,
    isSelected: (index: number) => boolean,
  ): number {
    const n = this.xs.length
    const plain = new Uint32Array(n)
    const above: number[] = []
    const top: number[] = []
    let count = 0
    for (let i = 0; i < n; i++) {
      const look = lookOf(i)
      if (look === null) continue
      const selected = isSelected(i)
      const at = 6 * i
      this.look[at] = look.rgb[0]
      this.look[at + 1] = look.rgb[1]
      this.look[at + 2] = look.rgb[2]
      this.look[at + 3] = 255
      this.look[at + 4] = SHAPES.indexOf(look.shape)
      this.look[at + 5] = (look.stands_out ? 1 : 0) | (selected ? 2 : 0)
      if (selected) top.push(i)
      else if (look.stands_out) above.push(i)
      else plain[count++] = i
    }
    this.drawn = new Uint32Array(count + above.length + top.length)
    this.drawn.set(plain.subarray(0, count))
    this.drawn.set(above, count)
    this.drawn.set(top, count + above.length)
    this.isStale = true
    this.map?.triggerRepaint()
    return this.drawn.length
  }

  /** Colours of the theme: around a shape, and around what is selected (0 to 255 each). */
  theme(edge: readonly number[], mark: readonly number[]): void {
    this.edge = edge.map((part) => part / 255)
    this.mark = mark.map((part) => part / 255)
    this.map?.triggerRepaint()
  }

  onAdd(map: MapLibre, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext
    this.map = map
    this.gl = gl
    const program = gl.createProgram()
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type)!
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(program, shader)
    }
    gl.linkProgram(program)
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new Error(gl.getProgramInfoLog(program) ?? 'the luminaires cannot be drawn')
    }
    for (const name of ['u_scale', 'u_shift', 'u_size', 'u_least', 'u_edge', 'u_mark']) {
      this.uniforms[name] = gl.getUniformLocation(program, name)
    }
    this.program = program
    this.places = gl.createBuffer()
    this.looks = gl.createBuffer()
    this.order = gl.createBuffer()
    this.array = gl.createVertexArray()
    gl.bindVertexArray(this.array)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.places)
    gl.bufferData(gl.ARRAY_BUFFER, this.relative, gl.STATIC_DRAW)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.looks)
    gl.bufferData(gl.ARRAY_BUFFER, this.look, gl.DYNAMIC_DRAW)
    gl.enableVertexAttribArray(1)
    gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 6, 0)
    gl.enableVertexAttribArray(2)
    gl.vertexAttribPointer(2, 2, gl.UNSIGNED_BYTE, false, 6, 4)
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order)
    gl.bindVertexArray(null)
    this.isStale = true
  }

  onRemove(): void {
    const gl = this.gl
    if (gl === null) return
    gl.deleteProgram(this.program)
    for (const buffer of [this.places, this.looks, this.order]) gl.deleteBuffer(buffer)
    gl.deleteVertexArray(this.array)
    this.gl = this.map = null
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext
    const map = this.map
    if (map === null || map.getZoom() < this.minimumZoom || this.drawn.length === 0) return
    gl.useProgram(this.program)
    gl.bindVertexArray(this.array)
    if (this.isStale) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.looks)
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.look)
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.drawn, gl.DYNAMIC_DRAW)
      this.isStale = false
    }
    const canvas = map.getCanvas()
    const world = 512 * 2 ** map.getZoom()
    const [across, down] = [(2 * world) / canvas.clientWidth, (-2 * world) / canvas.clientHeight]
    const centre = map.getCenter()
    gl.uniform2f(this.uniforms.u_scale!, across, down)
    gl.uniform2f(
      this.uniforms.u_shift!,
      (this.middle[0] - mercatorX(centre.lng)) * across,
      (this.middle[1] - mercatorY(centre.lat)) * down,
    )
    const ratio = canvas.width / canvas.clientWidth
    gl.uniform1f(this.uniforms.u_size!, sizeAt(map.getZoom()) * ratio)
    gl.uniform1f(this.uniforms.u_least!, LEAST * ratio)
    gl.uniform3f(this.uniforms.u_edge!, this.edge[0]!, this.edge[1]!, this.edge[2]!)
    gl.uniform3f(this.uniforms.u_mark!, this.mark[0]!, this.mark[1]!, this.mark[2]!)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.drawElements(gl.POINTS, this.drawn.length, gl.UNSIGNED_INT, 0)
    gl.bindVertexArray(null)
  }
}

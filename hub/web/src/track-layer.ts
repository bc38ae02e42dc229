/*
 * track-layer - every track in two draw calls of one MapLibre custom layer: speed vectors, then symbols.
 *
 * Symbols are GL_POINTS (instancing is several times slower in software GL), dead-reckoned in the vertex shader. Float32
 * alone jitters above zoom 14, so positions are offsets from an origin near the view; the matrix takes the origin in
 * float64 before it is narrowed. The atlas holds symbol.ts' shapes: red is the symbol, green its halo.
 */

import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from 'maplibre-gl';
import { rgb, type Palette } from './palette';
import { CLASS_ATON, FLAG, RECKON_MAX_MS, STATE, type Picture } from './picture';
import { SHAPE, drawSymbol, symbolOf } from './symbol';

const SIZE_PX = 30; /* a symbol's square; its radius is 11 px: SN.1/Circ.243 asks for clearly visible, and 24 px is a target */
const RADIUS_PX = 11;
const VARIANTS = 3; /* hollow, filled, dashed */
const SHAPES = 11;
const STRIDE = 28; /* x y vx vy t: f32; shape kind variant bits: u8; angle: f32 */
const VECTORS_MAX = 20_000;
/* Zoomed out a symbol sleeps (SN.1/Circ.243: smaller): a sea of full-size ones is a blob. Vectors would not show from under it. */
const FULL_ZOOM = 9;
const SLEEP_ZOOM = 6.5;
const SLEEP_SCALE = 0.5;
const VECTOR_ZOOM = 7.5;

const COMMON = `#version 300 es
precision highp float;
layout(location=0) in vec2 a_pos;
layout(location=1) in vec2 a_vel;
layout(location=2) in float a_t;
layout(location=3) in vec4 a_look;
layout(location=4) in float a_angle;
uniform mat4 u_matrix;
uniform float u_now, u_reckon;
vec2 place() { return a_pos + a_vel * clamp(u_now - a_t, 0.0, u_reckon); }
`;

const SYMBOL_VERTEX = `${COMMON}
uniform float u_size, u_sleep;
uniform vec3 u_tint[10];
flat out vec2 v_cell;
flat out float v_scale;
flat out vec2 v_turn;
flat out vec3 v_tint;
flat out float v_bits;
void main() {
  gl_Position = u_matrix * vec4(place(), 0.0, 1.0);
  v_scale = (int(a_look.w) & 8) != 0 ? 1.0 : u_sleep;
  gl_PointSize = u_size * v_scale;
  v_cell = vec2(a_look.x, a_look.z);
  v_turn = vec2(sin(a_angle), cos(a_angle));
  v_tint = u_tint[int(a_look.y)];
  v_bits = a_look.w;
}`;

const SYMBOL_FRAGMENT = `#version 300 es
precision highp float;
flat in vec2 v_cell;
flat in vec2 v_turn;
flat in vec3 v_tint;
flat in float v_bits;
flat in float v_scale;
uniform sampler2D u_atlas;
uniform vec3 u_halo;
uniform float u_px;
out vec4 o_colour;
float bar(vec2 p, vec2 a, vec2 b) {
  vec2 d = b - a;
  return length(p - a - d * clamp(dot(p - a, d) / dot(d, d), 0.0, 1.0));
}
void main() {
  vec2 q = (gl_PointCoord - 0.5) * 2.0;
  vec2 p = vec2(q.x * v_turn.y + q.y * v_turn.x, q.y * v_turn.y - q.x * v_turn.x);
  vec2 uv = (v_cell + clamp(p * 0.5 + 0.5, 0.02, 0.98)) / vec2(${SHAPES}.0, ${VARIANTS}.0);
  float inside = step(max(abs(p.x), abs(p.y)), 1.0);
  vec2 ink = texture(u_atlas, uv).rg * inside;
  int bits = int(v_bits);
  float fade = (bits & 4) != 0 ? 0.28 : 1.0;
  if ((bits & 1) != 0) {
    float d = bar(q, vec2(-0.58, 0.58), vec2(0.58, -0.58)) * u_px * v_scale;
    ink = mix(mix(ink, vec2(0.0, 1.0), clamp(2.6 - d, 0.0, 1.0)), vec2(1.0, 0.0), clamp(1.4 - d, 0.0, 1.0));
  }
  if ((bits & 2) != 0) {
    float d = bar(q, vec2(-0.42, 0.84), vec2(0.42, 0.84)) * u_px * v_scale;
    ink = mix(ink, vec2(1.0, 0.0), clamp(1.6 - d, 0.0, 1.0));
  }
  float alpha = clamp(ink.r + ink.g, 0.0, 1.0);
  if (alpha < 0.01) discard;
  o_colour = vec4((ink.r * v_tint + ink.g * u_halo) / max(ink.r + ink.g, 0.001), 1.0) * alpha * fade;
}`;

/* A vector is a quad from the place now to the place in u_ahead ms; a_look.x is the end (0, 1), a_look.z the side (0, 1). */
const VECTOR_VERTEX = `${COMMON}
uniform float u_ahead, u_start;
uniform vec2 u_view;
uniform vec3 u_tint[10];
flat out vec4 v_tint;
out float v_side;
void main() {
  vec2 from = place();
  vec4 a = u_matrix * vec4(from, 0.0, 1.0);
  vec4 b = u_matrix * vec4(from + a_vel * u_ahead, 0.0, 1.0);
  vec2 d = (b.xy / b.w - a.xy / a.w) * u_view;
  float len = length(d);
  vec2 along = len > 0.0 ? d / len : vec2(0.0);
  float side = a_look.z * 2.0 - 1.0;
  vec4 at = a_look.x > 0.5 ? b : a;
  vec2 px = vec2(-along.y, along.x) * side * 1.6;
  if (a_look.x < 0.5) px += along * min(u_start, len);
  at.xy += px / u_view * at.w;
  gl_Position = at;
  v_side = side * 1.6;
  v_tint = vec4(u_tint[int(a_look.y)], (int(a_look.w) & 4) != 0 ? 0.28 : 1.0);
}`;

const VECTOR_FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 v_tint;
in float v_side;
out vec4 o_colour;
void main() {
  o_colour = vec4(v_tint.rgb, 1.0) * (clamp(1.4 - abs(v_side), 0.0, 1.0) * v_tint.a);
}`;

class Program {
  readonly handle: WebGLProgram;
  private readonly where = new Map<string, WebGLUniformLocation | null>();

  constructor(private readonly gl: WebGL2RenderingContext, vertex: string, fragment: string) {
    this.handle = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.handle, shader);
    }
    gl.linkProgram(this.handle);
    if (!gl.getProgramParameter(this.handle, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(`track layer: ${gl.getProgramInfoLog(this.handle)}`);
  }

  at(name: string): WebGLUniformLocation | null {
    if (!this.where.has(name))
      this.where.set(name, this.gl.getUniformLocation(this.handle, name));
    return this.where.get(name) ?? null;
  }
}

/* Shapes that say nothing about a direction stay upright. */
function turns(shape: number): boolean {
  return shape !== SHAPE.CIRCLE && shape !== SHAPE.SART && shape !== SHAPE.DIAMOND;
}

export class TrackLayer implements CustomLayerInterface {
  readonly id = 'tracks';
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;

  ahead_ms = 6 * 60_000; /* length of the speed vectors in time */
  dim: ((i: number) => boolean) | null = null; /* rows the operator filtered out: faded, never hidden */
  drawn = 0;

  private map: MapLibre | null = null;
  private gl: WebGL2RenderingContext | null = null;
  private symbols: Program | null = null;
  private vectors: Program | null = null;
  private points: WebGLBuffer | null = null;
  private quads: WebGLBuffer | null = null;
  private quadIndex: WebGLBuffer | null = null;
  private vao: [WebGLVertexArrayObject, WebGLVertexArrayObject] | null = null;
  private atlas: WebGLTexture | null = null;
  private atlasScale = 0;
  private origin: [number, number] = [0, 0];
  private base_ms = 0;
  private built = -1;
  private nVectors = 0;
  private data = new ArrayBuffer(0);

  constructor(private readonly picture: Picture, private colours: Palette, private readonly now: () => number) {}

  setPalette(p: Palette): void {
    this.colours = p;
    this.map?.triggerRepaint();
  }

  /* The rows or what they look like changed. */
  invalidate(): void {
    this.built = -1;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl2 = gl as WebGL2RenderingContext;
    this.map = map;
    this.gl = gl2;
    this.symbols = new Program(gl2, SYMBOL_VERTEX, SYMBOL_FRAGMENT);
    this.vectors = new Program(gl2, VECTOR_VERTEX, VECTOR_FRAGMENT);
    this.points = gl2.createBuffer();
    this.quads = gl2.createBuffer();
    this.quadIndex = gl2.createBuffer();
    this.vao = [gl2.createVertexArray(), gl2.createVertexArray()];
    this.vao.forEach((vao, k) => {
      gl2.bindVertexArray(vao);
      gl2.bindBuffer(gl2.ARRAY_BUFFER, k === 0 ? this.points : this.quads);
      const attribute = (at: number, n: number, type: number, offset: number) => {
        gl2.enableVertexAttribArray(at);
        gl2.vertexAttribPointer(at, n, type, false, STRIDE, offset);
      };
      attribute(0, 2, gl2.FLOAT, 0);
      attribute(1, 2, gl2.FLOAT, 8);
      attribute(2, 1, gl2.FLOAT, 16);
      attribute(3, 4, gl2.UNSIGNED_BYTE, 20);
      attribute(4, 1, gl2.FLOAT, 24);
      if (k === 1)
        gl2.bindBuffer(gl2.ELEMENT_ARRAY_BUFFER, this.quadIndex);
    });
    gl2.bindVertexArray(null);
    this.built = -1;
    this.atlas = gl2.createTexture();
    this.atlasScale = 0;
  }

  onRemove(): void {
    this.gl = null;
    this.map = null;
  }

  render(_gl: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = this.gl;
    if (!gl || !this.map || !this.vao || !this.symbols || !this.vectors)
      return;
    const ratio = gl.drawingBufferWidth / this.map.getContainer().clientWidth;
    this.paintAtlas(gl, ratio);
    this.build(gl);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const matrix = this.matrix(input.defaultProjectionData.mainMatrix);
    const tints = new Float32Array(this.colours.tracks.flatMap(rgb));
    const common = (p: Program) => {
      gl.useProgram(p.handle);
      gl.uniformMatrix4fv(p.at('u_matrix'), false, matrix);
      gl.uniform1f(p.at('u_now'), this.now() - this.base_ms);
      gl.uniform1f(p.at('u_reckon'), RECKON_MAX_MS);
      gl.uniform3fv(p.at('u_tint'), tints);
    };
    const zoom = this.map.getZoom();
    const awake = Math.min(Math.max((zoom - SLEEP_ZOOM) / (FULL_ZOOM - SLEEP_ZOOM), 0), 1);
    if (this.ahead_ms && this.nVectors && zoom > VECTOR_ZOOM) {
      common(this.vectors);
      gl.uniform1f(this.vectors.at('u_ahead'), this.ahead_ms);
      gl.uniform1f(this.vectors.at('u_start'), RADIUS_PX * 0.9);
      gl.uniform2f(this.vectors.at('u_view'), gl.drawingBufferWidth / ratio / 2, gl.drawingBufferHeight / ratio / 2);
      gl.bindVertexArray(this.vao[1]);
      gl.drawElements(gl.TRIANGLES, this.nVectors * 6, gl.UNSIGNED_INT, 0);
    }
    common(this.symbols);
    gl.uniform1f(this.symbols.at('u_size'), SIZE_PX * ratio);
    gl.uniform1f(this.symbols.at('u_px'), SIZE_PX / 2);
    gl.uniform1f(this.symbols.at('u_sleep'), SLEEP_SCALE + (1 - SLEEP_SCALE) * awake);
    gl.uniform3fv(this.symbols.at('u_halo'), rgb(this.colours.halo));
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.atlas);
    gl.uniform1i(this.symbols.at('u_atlas'), 0);
    gl.bindVertexArray(this.vao[0]);
    gl.drawArrays(gl.POINTS, 0, this.picture.n);
    gl.bindVertexArray(null);
    this.drawn = this.picture.n;
  }

  /* The view's matrix moved to our origin, in float64. */
  private matrix(m: ArrayLike<number>): Float32Array {
    const out = new Float32Array(16);
    const [x, y] = this.origin;
    for (let r = 0; r < 4; r++) {
      out[r] = m[r];
      out[4 + r] = m[4 + r];
      out[8 + r] = m[8 + r];
      out[12 + r] = m[r] * x + m[4 + r] * y + m[12 + r];
    }
    return out;
  }

  private recentre(): void {
    const c = this.map!.getCenter();
    const x = (c.lng + 180) / 360;
    const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + (c.lat * Math.PI) / 360)) / (2 * Math.PI);
    /* Offsets below 1e-3 keep 6e-11 of the world, 2 mm, in a float32. */
    if (Math.hypot(x - this.origin[0], y - this.origin[1]) > 1e-3) {
      this.origin = [x, y];
      this.built = -1;
    }
  }

  private build(gl: WebGL2RenderingContext): void {
    this.recentre();
    const p = this.picture;
    if (this.built === p.version)
      return;
    this.built = p.version;
    this.base_ms = this.now() - 1000;
    const size = p.n * STRIDE * 5;
    if (this.data.byteLength < size)
      this.data = new ArrayBuffer(size * 2);
    const f32 = new Float32Array(this.data);
    const u8 = new Uint8Array(this.data);
    const quads = Math.min(p.n, VECTORS_MAX);
    let q = 0;
    let [front, back] = [0, p.n]; /* distress is drawn last, over the others */
    const quadBase = p.n * STRIDE;
    for (let i = 0; i < p.n; i++) {
      const s = symbolOf(p, i);
      const bits = (s.crossed ? 1 : 0) | (s.foreign ? 2 : 0) | (this.dim?.(i) ? 4 : 0) | (p.flags[i] & FLAG.DISTRESS ? 8 : 0);
      const put = (at: number, x: number, z: number) => {
        const k = at >> 2;
        f32[k] = p.x[i] - this.origin[0];
        f32[k + 1] = p.y[i] - this.origin[1];
        f32[k + 2] = p.vx[i];
        f32[k + 3] = p.vy[i];
        f32[k + 4] = p.t[i] - this.base_ms;
        u8[at + 20] = x;
        u8[at + 21] = s.kind;
        u8[at + 22] = z;
        u8[at + 23] = bits;
        f32[k + 6] = turns(s.shape) && p.cog[i] === p.cog[i] ? (p.cog[i] * Math.PI) / 180 : 0;
      };
      const place = p.flags[i] & FLAG.DISTRESS ? --back : front++;
      put(place * STRIDE, s.shape, s.dashed ? 2 : s.filled ? 1 : 0);
      /* Under half a knot a course is noise. */
      if (q >= quads || !(p.sog[i] > 0.25) || p.cls[i] === CLASS_ATON || (p.flags[i] & 3) === STATE.DROPPED)
        continue;
      for (let v = 0; v < 4; v++)
        put(quadBase + (q * 4 + v) * STRIDE, v >> 1, v & 1);
      q++;
    }
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.points);
    gl.bufferData(gl.ARRAY_BUFFER, new Uint8Array(this.data, 0, quadBase), gl.DYNAMIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.quads);
    gl.bufferData(gl.ARRAY_BUFFER, new Uint8Array(this.data, quadBase, q * 4 * STRIDE), gl.DYNAMIC_DRAW);
    if (q > this.nVectors || this.nVectors === 0) {
      const index = new Uint32Array(q * 6);
      for (let k = 0; k < q; k++)
        index.set([4 * k, 4 * k + 1, 4 * k + 2, 4 * k + 2, 4 * k + 1, 4 * k + 3], 6 * k);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.quadIndex);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.DYNAMIC_DRAW);
    }
    this.nVectors = q;
  }

  /* Drawn at the display's own resolution; again when the window moves to another display. */
  private paintAtlas(gl: WebGL2RenderingContext, ratio: number): void {
    if (Math.abs(ratio - this.atlasScale) < 0.01)
      return;
    this.atlasScale = ratio;
    const cell = Math.round(SIZE_PX * ratio);
    const canvas = document.createElement('canvas');
    canvas.width = cell * SHAPES;
    canvas.height = cell * VARIANTS;
    const g = canvas.getContext('2d')!;
    g.fillStyle = '#000';
    g.fillRect(0, 0, canvas.width, canvas.height);
    for (let shape = 0; shape < SHAPES; shape++)
      for (let variant = 0; variant < VARIANTS; variant++) {
        g.save();
        g.translate((shape + 0.5) * cell, (variant + 0.5) * cell);
        g.scale(ratio, ratio);
        drawSymbol(g, { shape, kind: 0, filled: variant === 1, dashed: variant === 2, crossed: false, foreign: false },
          0, 0, RADIUS_PX, 0, '#f00', '#0f0');
        g.restore();
      }
    gl.bindTexture(gl.TEXTURE_2D, this.atlas);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, canvas);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }
}

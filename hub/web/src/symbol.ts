/*
 * symbol - which shape and which colour a track has, and the shapes themselves for GLSL and for a 2D canvas.
 *
 * After IMO SN.1/Circ.243/Rev.2 (2019): AIS target an acute isosceles triangle in the direction of motion, tracked radar
 * target a circle, AIS-SART a circle with a cross, aid to navigation a diamond, a lost target crossed out, a selected target
 * in square corners. Ours on top, so that colour is never the only cue: the mark inside the triangle tells the kind of craft;
 * the body is filled when radar and AIS agree on it; dashed is tentative; a bar beneath is a neighbour's track.
 */

import { FLAG, SOURCE, STATE, type Picture } from './picture';

/* Index into Palette.tracks, and the words for it (text.ts has them). */
export const KIND = { CARGO: 0, PASSENGER: 1, FISHING: 2, TANKER: 3, PLEASURE: 4, SPECIAL: 5, DARK: 6, DISTRESS: 7, ATON: 8,
  AIRCRAFT: 9 } as const;

export const SHAPE = { TRIANGLE: 0, BAR: 1, DOT: 2, NOTCH: 3, SLIM: 4, CHEVRON: 5, STRIPE: 6, CIRCLE: 7, SART: 8, DIAMOND: 9,
  AIRCRAFT: 10 } as const;

/* By class (common/track.h): shape, kind. The unknown class with an identity is a plain triangle, without one a circle. */
const BY_CLASS: readonly (readonly [number, number])[] = [
  [SHAPE.TRIANGLE, KIND.CARGO], [SHAPE.TRIANGLE, KIND.CARGO], [SHAPE.BAR, KIND.TANKER], [SHAPE.DOT, KIND.PASSENGER],
  [SHAPE.NOTCH, KIND.FISHING], [SHAPE.CHEVRON, KIND.PASSENGER], [SHAPE.SLIM, KIND.PLEASURE], [SHAPE.STRIPE, KIND.SPECIAL],
  [SHAPE.SART, KIND.DISTRESS], [SHAPE.DIAMOND, KIND.ATON], [SHAPE.AIRCRAFT, KIND.AIRCRAFT],
];

export interface Symbol {
  shape: number;
  kind: number;
  filled: boolean;
  dashed: boolean;
  crossed: boolean;
  foreign: boolean;
}

/* A contact nobody has named: no AIS, no ADS-B, no identity. */
export function isDark(p: Picture, i: number): boolean {
  return (p.flags[i] & (FLAG.IDENTITY | FLAG.DISTRESS)) === 0 && (p.sources[i] & (SOURCE.AIS | SOURCE.ADSB)) === 0 &&
    p.cls[i] === 0;
}

export function symbolOf(p: Picture, i: number): Symbol {
  const flags = p.flags[i];
  const state = flags & 3;
  let [shape, kind] = BY_CLASS[p.cls[i]] ?? BY_CLASS[0];
  if (isDark(p, i))
    [shape, kind] = [SHAPE.CIRCLE, KIND.DARK];
  if (flags & FLAG.DISTRESS)
    [shape, kind] = [SHAPE.SART, KIND.DISTRESS];
  const both = SOURCE.RADAR | SOURCE.AIS;
  return {
    shape, kind,
    filled: (p.sources[i] & both) === both && shape !== SHAPE.SART,
    dashed: state === STATE.TENTATIVE,
    crossed: state >= STATE.COASTING,
    foreign: (flags & FLAG.FOREIGN) !== 0,
  };
}

/* Polygons in -1..1, y towards the bow; a triangle's apex is where the vessel is going. */
type Pt = readonly [number, number];
const TRI: Pt[] = [[0, 0.92], [0.52, -0.66], [-0.52, -0.66]];
const SLIM: Pt[] = [[0, 0.8], [0.36, -0.6], [-0.36, -0.6]];
const NOTCH: Pt[] = [[0, 0.92], [0.56, -0.72], [0, -0.34], [-0.56, -0.72]];
const CHEV: Pt[] = [[0, 0.95], [0.6, -0.5], [0, -0.08], [-0.6, -0.5]];
const DIAMOND: Pt[] = [[0, 0.7], [0.7, 0], [0, -0.7], [-0.7, 0]];
const PLANE: Pt[] = [[0, 0.9], [0.14, 0.3], [0.8, -0.05], [0.8, -0.25], [0.14, -0.1], [0.1, -0.55], [0.34, -0.72],
  [0.34, -0.86], [-0.34, -0.86], [-0.34, -0.72], [-0.1, -0.55], [-0.14, -0.1], [-0.8, -0.25], [-0.8, -0.05],
  [-0.14, 0.3]];
const OUTLINE: Record<number, Pt[]> = {
  [SHAPE.TRIANGLE]: TRI, [SHAPE.BAR]: TRI, [SHAPE.DOT]: TRI, [SHAPE.STRIPE]: TRI, [SHAPE.NOTCH]: NOTCH,
  [SHAPE.SLIM]: SLIM, [SHAPE.CHEVRON]: CHEV, [SHAPE.DIAMOND]: DIAMOND, [SHAPE.AIRCRAFT]: PLANE,
};

/* Draws a symbol centred at x, y with radius r (px); course in degrees, NaN points up. Also fills the GL atlas. ground: marks on a body. */
export function drawSymbol(g: CanvasRenderingContext2D, s: Symbol, x: number, y: number, r: number, course: number,
  colour: string, halo: string | null, ground = halo): void {
  g.save();
  g.translate(x, y);
  g.save();
  g.rotate(((course || 0) * Math.PI) / 180);
  g.scale(r, -r);
  g.beginPath();
  const outline = OUTLINE[s.shape];
  if (outline) {
    outline.forEach(([px, py], k) => (k ? g.lineTo(px, py) : g.moveTo(px, py)));
    g.closePath();
  } else {
    g.arc(0, 0, s.shape === SHAPE.SART ? 0.8 : 0.6, 0, 7);
  }
  g.lineJoin = 'round';
  if (halo) {
    g.strokeStyle = halo;
    g.lineWidth = 5 / r;
    g.stroke();
  }
  g.fillStyle = colour;
  g.globalAlpha = s.filled ? 1 : s.dashed ? 0 : 0.22;
  g.fill();
  g.globalAlpha = 1;
  g.strokeStyle = colour;
  g.lineWidth = 1.7 / r;
  if (s.dashed)
    g.setLineDash([2.4 / r, 2 / r]);
  g.stroke();
  g.setLineDash([]);
  mark(g, s, r, colour, ground);
  g.restore();
  upright(g, s, r, colour, halo);
  g.restore();
}

/* What tells the kind of craft inside the outline, in the craft's own frame. */
function mark(g: CanvasRenderingContext2D, s: Symbol, r: number, colour: string, ground: string | null): void {
  const ink = s.filled && ground ? ground : colour;
  g.strokeStyle = g.fillStyle = ink;
  g.lineWidth = 1.7 / r;
  g.beginPath();
  if (s.shape === SHAPE.BAR) {
    g.moveTo(-0.34, -0.18);
    g.lineTo(0.34, -0.18);
    g.stroke();
  } else if (s.shape === SHAPE.DOT) {
    g.arc(0, -0.22, 0.17, 0, 7);
    g.fill();
  } else if (s.shape === SHAPE.STRIPE) {
    g.moveTo(0, 0.5);
    g.lineTo(0, -0.66);
    g.stroke();
  } else if (s.shape === SHAPE.CIRCLE && s.filled) {
    g.arc(0, 0, 0.16, 0, 7);
    g.fill();
  }
}

/* What does not turn with the craft: the cross of SART and of lost targets, the bar of a neighbour's track. */
function upright(g: CanvasRenderingContext2D, s: Symbol, r: number, colour: string, halo: string | null): void {
  g.strokeStyle = colour;
  g.lineCap = 'round';
  const line = (x1: number, y1: number, x2: number, y2: number, w: number) => {
    g.beginPath();
    g.moveTo(x1 * r, y1 * r);
    g.lineTo(x2 * r, y2 * r);
    g.lineWidth = w;
    g.stroke();
  };
  if (s.shape === SHAPE.SART) {
    line(-0.56, -0.56, 0.56, 0.56, 1.7);
    line(-0.56, 0.56, 0.56, -0.56, 1.7);
  }
  if (s.crossed && s.shape !== SHAPE.SART) {
    if (halo) {
      g.strokeStyle = halo;
      line(-0.8, 0.8, 0.8, -0.8, 4);
      g.strokeStyle = colour;
    }
    line(-0.8, 0.8, 0.8, -0.8, 1.7);
  }
  if (s.foreign)
    line(-0.6, 1.12, 0.6, 1.12, 2);
}

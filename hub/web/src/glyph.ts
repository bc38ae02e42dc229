/* glyph - a track's symbol on a small canvas, for card, list, search and legend. */

import { el } from './dom';
import type { Palette } from './palette';
import { drawSymbol, type Symbol } from './symbol';

export function glyph(size: number): HTMLCanvasElement {
  const c = el('canvas', { 'aria-hidden': 'true' });
  c.width = c.height = Math.round(size * devicePixelRatio);
  return c;
}

/* chosen: on the accent's ground, e.g. a selected row. */
export function drawGlyph(c: HTMLCanvasElement, s: Symbol, course: number, p: Palette, chosen = false): void {
  const key = [s.shape, s.kind, s.filled, s.dashed, s.crossed, s.foreign, Math.round(course / 3), p.sea, chosen].join();
  if (c.dataset.key === key)
    return;
  c.dataset.key = key;
  const g = c.getContext('2d')!;
  g.setTransform(1, 0, 0, 1, 0, 0);
  g.clearRect(0, 0, c.width, c.height);
  const px = c.width / devicePixelRatio;
  g.scale(devicePixelRatio, devicePixelRatio);
  const turn = s.shape < 7 || s.shape === 10 ? course : 0;
  drawSymbol(g, s, px / 2, px / 2 - (s.foreign ? 1 : 0), px * 0.38, turn,
    chosen ? p.onAccent : p.tracks[s.kind], null, chosen ? p.accent : p.raised);
}

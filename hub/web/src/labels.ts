/*
 * labels - names beside symbols, as many as fit: distress and the selection always, then the others, none over another.
 *
 * A label keeps its place while it can, so that the picture stays calm.
 */

import { course, knots } from './format';
import type { Palette } from './palette';
import { FLAG, type Picture } from './picture';
import type { Projection } from './project';
import { isDark, symbolOf } from './symbol';
import { FONT, type Scene } from './overlay';

const LABELS_MAX = 200;
const LABELS_ZOOM = 8.2; /* below it only what was asked for */
const LINE = 14;

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/* Where a label may stand: dx, dy of its box from the symbol's centre, in box sizes and px. */
const PLACES: ((w: number, h: number) => [number, number])[] = [
  (_w, h) => [13, -h / 2], (w, h) => [-13 - w, -h / 2], (_w, h) => [8, -h - 8], (_w) => [8, 8],
  (w, h) => [-8 - w, -h - 8], (w) => [-8 - w, 8],
];

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

export class Labels {
  private place = new Map<number, number>(); /* slot -> index into PLACES */
  private readonly widths = new Map<string, number>();

  constructor(private readonly g: CanvasRenderingContext2D, private readonly p: Projection, private readonly picture: Picture) {}

  draw(scene: Scene, colours: Palette): void {
    const p = this.picture;
    const asked = new Set<number>();
    for (const a of scene.alarms)
      if (a.slot != null)
        asked.add(a.slot);
    if (scene.selection)
      asked.add(scene.selection.slot);
    if (scene.hover >= 0)
      asked.add(scene.hover);
    const near: { i: number; x: number; y: number; rank: number }[] = [];
    const all = scene.labels && scene.zoom >= LABELS_ZOOM;
    for (let i = 0; i < p.n; i++) {
      const must = asked.has(p.slot[i]);
      if (!all && !must)
        continue;
      const x = this.p.px(p.xAt(i, scene.now));
      const y = this.p.py(p.yAt(i, scene.now));
      if (!this.p.inside(x, y, 10) || (!must && scene.dim?.(i)))
        continue;
      near.push({ i, x, y, rank: must ? 0 : this.rank(i) });
    }
    near.sort((a, b) => a.rank - b.rank || p.slot[a.i] - p.slot[b.i]);
    const taken: Box[] = near.slice(0, 400).map(({ x, y }) => ({ x: x - 7, y: y - 7, w: 14, h: 14 }));
    const before = this.place;
    this.place = new Map();
    let shown = 0;
    for (const { i, x, y, rank } of near) {
      if (shown >= LABELS_MAX && rank > 0)
        break;
      const slot = p.slot[i];
      if (scene.moving && rank > 0 && !before.has(slot))
        continue;
      if (this.one(i, x, y, rank === 0, before.get(slot), taken, colours, slot === scene.selection?.slot))
        shown++;
    }
  }

  /* Who gets a name first when there is no room for all. */
  private rank(i: number): number {
    if (this.picture.flags[i] & FLAG.DISTRESS)
      return 0;
    if (isDark(this.picture, i))
      return 1;
    return this.picture.flags[i] & FLAG.IDENTITY ? 2 : 3;
  }

  private lines(i: number, full: boolean): string[] {
    const ident = this.picture.ident(i);
    const name = ident?.name || (ident?.mmsi ? String(ident.mmsi) : (ident?.id.split('-').pop() ?? ''));
    if (!name || !full)
      return [name];
    return [name, `${knots(this.picture.sog[i])} kn  ${course(this.picture.cog[i])}`];
  }

  private width(s: string, font: string): number {
    const key = font + s;
    let w = this.widths.get(key);
    if (w === undefined) {
      this.g.font = font;
      w = this.g.measureText(s).width;
      if (this.widths.size > 5000)
        this.widths.clear();
      this.widths.set(key, w);
    }
    return w;
  }

  private one(i: number, x: number, y: number, must: boolean, before: number | undefined, taken: Box[], colours: Palette,
    selected: boolean): boolean {
    const lines = this.lines(i, must);
    if (!lines[0])
      return false;
    const font = must ? `600 12.5px ${FONT}` : `500 11.5px ${FONT}`;
    const w = Math.max(...lines.map((s) => this.width(s, font))) + 2;
    const h = lines.length * LINE;
    const order = [...PLACES.keys()];
    if (before !== undefined)
      order.unshift(before);
    const far = selected ? 8 : 0;
    const box = (k: number): Box => {
      const [dx, dy] = PLACES[k](w, h);
      return { x: x + dx + Math.sign(dx) * far, y: y + dy, w, h };
    };
    let k = order.find((o) => !taken.some((t) => overlaps(t, box(o))));
    if (k === undefined && !must)
      return false;
    k ??= order[0];
    const b = box(k);
    taken.push(b);
    this.place.set(this.picture.slot[i], k);
    const g = this.g;
    g.textAlign = 'left';
    g.textBaseline = 'middle';
    g.lineJoin = 'round';
    g.lineWidth = 3;
    g.strokeStyle = colours.halo;
    lines.forEach((s, line) => {
      g.font = line === 0 ? font : `400 11.5px ${FONT}`;
      const at = b.y + LINE * (line + 0.5);
      g.strokeText(s, b.x, at);
      g.fillStyle = must ? colours.ink : colours.tracks[symbolOf(this.picture, i).kind];
      g.fillText(s, b.x, at);
    });
    return true;
  }
}

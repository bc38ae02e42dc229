/* tools - the chart's buttons: zoom, home, measure, vectors, cover; and the scale bar. */

import { ICON, byId, el, icon } from './dom';
import { NM, mercPerMetre } from './geo';
import type { Projection } from './project';

export interface Tool {
  id: string;
  label: string;
  key: string;
  icon: keyof typeof ICON;
  run: () => void;
  pressed?: () => boolean;
}

export class Toolbar {
  private readonly buttons = new Map<Tool, HTMLButtonElement>();

  constructor(root: HTMLElement, tools: Tool[]) {
    for (const t of tools) {
      const b = el('button', { id: `tool-${t.id}`, 'aria-label': t.label, title: `${t.label} (${t.key})`, onclick: () => {
        t.run();
        this.update();
      } }, icon(ICON[t.icon]));
      this.buttons.set(t, b);
      root.append(b);
    }
    this.update();
  }

  update(): void {
    for (const [t, b] of this.buttons)
      if (t.pressed)
        b.setAttribute('aria-pressed', String(t.pressed()));
  }
}

/* A bar of 1, 2 or 5 times a power of ten nautical miles, at most 140 px at the view's middle. */
export function drawScale(p: Projection): void {
  const pxPerNm = NM * mercPerMetre(p.lat(p.height / 2)) * p.scale;
  const most = 140 / pxPerNm;
  const ten = 10 ** Math.floor(Math.log10(most));
  const nm = [5, 2, 1].map((f) => f * ten).find((v) => v <= most) ?? ten;
  const bar = byId('scale').firstElementChild as HTMLElement;
  bar.style.width = `${Math.round(nm * pxPerNm)}px`;
  bar.textContent = `${nm >= 1 ? nm : nm.toFixed(nm < 0.1 ? 2 : 1)} NM`;
}

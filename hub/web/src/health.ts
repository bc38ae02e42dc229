/* health - the strip of sensors and neighbours: which are up, and how old their last word is. */

import { ICON, el, icon, setText } from './dom';
import { age } from './format';
import type { Bias, FeedHealth, Health } from './frame';
import { text } from './text';

function part(b: Bias, unit: string, digits: number): string {
  if (b.value === null || b.sigma === null)
    return '';
  return `${b.value.toFixed(digits)} ± ${b.sigma.toFixed(digits)} ${unit} (${b.state})`;
}

/* What the tracker thinks that the sensor says too much. */
function off(f: FeedHealth): string {
  if (!f.bias)
    return '';
  const known = [part(f.bias.range, 'm', 1), part(f.bias.azimuth, '°', 3), part(f.bias.time_ms, 'ms', 0)].filter(Boolean);
  return known.length ? `. Off by ${known.join(', ')}` : '. Bias not observed';
}

export class HealthStrip {
  private readonly items = new Map<string, { root: HTMLElement; state: HTMLElement }>();

  constructor(private readonly root: HTMLElement) {}

  update(h: Health): void {
    const seen = new Set<string>();
    for (const f of h.feeds) {
      const state = text.feedStates[f.state] ?? f.state;
      const told = f.state === 'up' ? age(f.age_ms) : [state, f.reason].filter(Boolean).join(': ');
      this.item(seen, `feed ${f.feed}`, f.feed, ICON[f.sensor as keyof typeof ICON] ?? ICON.radar, f.state, told,
        `${f.feed} on ${f.host}: ${state}. ${f.reason ?? ''} ${f.plots} plots${off(f)}`);
    }
    for (const p of h.peers)
      this.item(seen, `peer ${p.origin}`, p.origin, ICON.peer, p.state, p.state === 'up' ? `${p.released} released` : p.state,
        `Neighbour ${p.origin}: ${p.state}, ${p.released} released`);
    for (const [key, { root }] of this.items)
      if (!seen.has(key)) {
        root.remove();
        this.items.delete(key);
      }
  }

  private item(seen: Set<string>, key: string, name: string, path: string, state: string, told: string, title: string): void {
    seen.add(key);
    let it = this.items.get(key);
    if (!it) {
      it = { root: el('div', { class: 'feed', role: 'listitem' }), state: el('i') };
      it.root.append(el('span', { class: 'mark', 'aria-hidden': 'true' }), icon(path), el('span', {}, name), it.state);
      this.items.set(key, it);
      this.root.append(it.root);
    }
    it.root.dataset.state = state;
    it.root.title = title;
    setText(it.state, told);
  }
}

/*
 * search - by name, MMSI, IMO, call sign or track id: at once among what this page holds, and with the hub for the rest.
 * A combobox in ARIA's sense.
 */

import { findTracks, type FoundTrack } from './api';
import { ICON, el, icon } from './dom';
import { drawGlyph, glyph } from './glyph';
import type { Palette } from './palette';
import type { Picture } from './picture';
import { symbolOf } from './symbol';
import { trackName } from './table';
import { text } from './text';

const RESULTS_MAX = 12;

const ASK_MS = 200; /* typing pause before the hub is asked */

export interface Hit {
  slot: number;
  score: number;
  far?: FoundTrack; /* outside what the stream sends us */
}

export interface SearchHooks {
  select(slot: number): void;
  fetchAndShow(t: FoundTrack): void;
}

/* Best first: exact, then beginning, then within. */
export function find(p: Picture, query: string): Hit[] {
  const q = query.trim().toLowerCase();
  const hits: Hit[] = [];
  if (!q)
    return hits;
  for (let i = 0; i < p.n; i++) {
    const ident = p.ident(i);
    let score = 0;
    for (const field of [ident?.name, ident?.callsign, ident?.mmsi, ident?.imo, ident?.id]) {
      const s = field ? String(field).toLowerCase() : '';
      const at = s.indexOf(q);
      if (at >= 0)
        score = Math.max(score, s === q ? 3 : at === 0 || s[at - 1] === ' ' ? 2 : 1);
    }
    if (score)
      hits.push({ slot: p.slot[i], score });
  }
  return hits.sort((a, b) => b.score - a.score || a.slot - b.slot).slice(0, RESULTS_MAX);
}

export class Search {
  readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private hits: Hit[] = [];
  private at = 0;
  private timer = 0;
  private asking = new AbortController();

  constructor(root: HTMLElement, private readonly p: Picture, private colours: Palette,
    private readonly hooks: SearchHooks) {
    this.input = el('input', { type: 'text', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'hits',
      'aria-autocomplete': 'list', 'aria-label': text.searchPlaceholder, placeholder: text.searchPlaceholder,
      autocomplete: 'off', spellcheck: 'false' });
    this.list = el('ul', { id: 'hits', role: 'listbox', 'aria-label': 'Results', hidden: true });
    root.append(icon(ICON.find), this.input, el('kbd', { 'aria-hidden': 'true' }, '/'), this.list);
    this.input.addEventListener('input', () => this.update());
    this.input.addEventListener('focus', () => this.update());
    this.input.addEventListener('blur', () => setTimeout(() => this.close(), 150));
    this.input.addEventListener('keydown', (e) => this.key(e));
  }

  setPalette(p: Palette): void {
    this.colours = p;
  }

  private update(): void {
    this.hits = find(this.p, this.input.value);
    this.at = 0;
    this.show();
    clearTimeout(this.timer);
    this.asking.abort();
    if (this.input.value.trim().length > 1)
      this.timer = window.setTimeout(() => void this.ask(this.input.value.trim()), ASK_MS);
  }

  private async ask(q: string): Promise<void> {
    this.asking = new AbortController();
    const found = await findTracks(q, RESULTS_MAX, this.asking.signal).catch(() => []);
    const fresh = found.filter((t) => this.p.findId(t.id) < 0).map((far) => ({ slot: -1, score: 0, far }));
    if (!fresh.length || q !== this.input.value.trim())
      return;
    this.hits = [...this.hits.filter((h) => !h.far), ...fresh].slice(0, RESULTS_MAX);
    this.show();
  }

  private show(): void {
    const open = this.input.value.trim() !== '';
    this.list.hidden = !open;
    this.input.setAttribute('aria-expanded', String(open));
    this.list.replaceChildren(...this.hits.map((h, k) => this.option(h, k)));
    if (open && !this.hits.length)
      this.list.append(el('li', { class: 'none', role: 'option', 'aria-selected': 'false', 'aria-disabled': 'true' },
        text.searchNone));
    if (this.hits.length)
      this.input.setAttribute('aria-activedescendant', `hit-${this.at}`);
    else
      this.input.removeAttribute('aria-activedescendant');
  }

  private option(h: Hit, k: number): HTMLElement {
    const i = this.p.find(h.slot);
    const t = h.far ?? this.p.ident(i);
    const mark = glyph(22);
    const chosen = k === this.at;
    if (i >= 0)
      drawGlyph(mark, symbolOf(this.p, i), this.p.cog[i] || 0, this.colours, chosen);
    const details = [t?.callsign, t?.mmsi, t?.id].filter(Boolean).slice(0, 2).join('  ');
    return el('li', { role: 'option', id: `hit-${k}`, 'aria-selected': String(chosen),
      onmousedown: (e) => { e.preventDefault(); this.take(k); } }, mark,
      el('span', {}, h.far ? (h.far.name ?? h.far.id) : trackName(this.p, i)), el('small', {}, details));
  }

  private key(e: KeyboardEvent): void {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      const n = this.hits.length;
      if (n)
        this.at = (this.at + (e.key === 'ArrowDown' ? 1 : -1) + n) % n;
      this.show();
    } else if (e.key === 'Enter') {
      this.take(this.at);
    } else if (e.key === 'Escape') {
      this.input.value = '';
      this.close();
      this.input.blur();
    } else {
      return;
    }
    e.preventDefault();
  }

  private take(k: number): void {
    const hit = this.hits[k];
    if (!hit)
      return;
    this.input.value = '';
    this.close();
    this.input.blur();
    if (hit.far)
      this.hooks.fetchAndShow(hit.far);
    else
      this.hooks.select(hit.slot);
  }

  private close(): void {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }
}

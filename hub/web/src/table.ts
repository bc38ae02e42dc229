/*
 * table - the list beside the chart: the same tracks, in words. Only the rows in sight are in the document.
 *
 * A grid in ARIA's sense with one tab stop; arrows move the active row, Enter selects it on the chart.
 */

import { el, setText } from './dom';
import { age, course, knots } from './format';
import { drawGlyph, glyph } from './glyph';
import type { Palette } from './palette';
import { FLAG, SOURCE, type Picture } from './picture';
import { isDark, symbolOf } from './symbol';
import { text } from './text';

export type Filter = 'view' | 'all' | 'dark' | 'foreign';
type Column = keyof typeof text.columns;

const ROW = 28;
const HEAD = 28;
/* A track not seen for so long is shown as old. */
export const OLD_MS = 20_000;

interface Row {
  root: HTMLElement;
  symbol: HTMLCanvasElement;
  name: HTMLElement;
  sog: HTMLElement;
  cog: HTMLElement;
  src: HTMLElement;
  age: HTMLElement;
}

export interface TableHooks {
  now(): number;
  inView(i: number): boolean;
  selected(): number;
  select(slot: number, centre: boolean): void;
  filtered(f: Filter): void;
}

export function trackName(p: Picture, i: number): string {
  const ident = p.ident(i);
  if (ident?.name)
    return ident.name;
  if (ident?.mmsi)
    return `MMSI ${ident.mmsi}`;
  /* The birth number tells contacts apart on one desk; the card has the whole id. */
  return `${text.darkShort} ${ident?.id.split('-').pop() ?? p.slot[i]}`;
}

export class Table {
  filter: Filter = 'view';
  count = 0;
  private sort: Column = 'name';
  private up = true;
  private rows: number[] = []; /* slots, in order */
  private active = -1; /* slot */
  private readonly pool: Row[] = [];
  private readonly grid: HTMLElement;
  private readonly space: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly heads = new Map<Column, HTMLElement>();
  private readonly buttons = new Map<Filter, HTMLButtonElement>();

  constructor(root: HTMLElement, private readonly p: Picture, private colours: Palette, private readonly hooks: TableHooks) {
    const filters = el('div', { class: 'filters', role: 'group', 'aria-label': 'Filter' });
    for (const f of Object.keys(text.filters) as Filter[]) {
      const b = el('button', { 'aria-pressed': f === this.filter, onclick: () => this.setFilter(f) }, text.filters[f]);
      b.setAttribute('aria-pressed', String(f === this.filter));
      this.buttons.set(f, b);
      filters.append(b);
    }
    const head = el('div', { class: 'grid-head', role: 'row' }, el('span', { role: 'columnheader' },
      el('span', { class: 'spoken' }, 'Symbol')));
    for (const c of Object.keys(text.columns) as Column[]) {
      const h = el('span', { role: 'columnheader', class: c === 'name' ? '' : 'r' },
        el('button', { tabindex: -1, onclick: () => this.setSort(c) }, text.columns[c]));
      this.heads.set(c, h);
      head.append(h);
    }
    this.space = el('div', { class: 'grid-space', role: 'rowgroup' });
    this.empty = el('p', { class: 'grid-empty', hidden: true }, text.empty);
    this.grid = el('div', { class: 'grid', role: 'grid', tabindex: 0, 'aria-label': 'Tracks', id: 'grid' },
      el('div', { role: 'rowgroup', class: 'grid-top' }, head), this.space);
    root.append(filters, this.grid, this.empty);
    this.grid.addEventListener('scroll', () => this.paint());
    this.grid.addEventListener('keydown', (e) => this.key(e));
    new ResizeObserver(() => {
      /* A card that opens above must not push the row it is about out of sight. */
      const k = this.rows.indexOf(this.hooks.selected());
      if (k >= 0 && k === this.rows.indexOf(this.active))
        this.scrollTo(k);
      this.paint();
    }).observe(this.grid);
    this.showSort();
  }

  focus(): void {
    this.grid.focus();
  }

  setPalette(p: Palette): void {
    this.colours = p;
    this.paint();
  }

  setFilter(f: Filter): void {
    this.filter = f;
    this.buttons.forEach((b, k) => b.setAttribute('aria-pressed', String(k === f)));
    this.grid.scrollTop = 0;
    this.hooks.filtered(f);
    this.update();
  }

  setSort(c: Column): void {
    this.up = this.sort === c ? !this.up : c !== 'sog';
    this.sort = c;
    this.showSort();
    this.update();
  }

  matches(i: number): boolean {
    switch (this.filter) {
      case 'dark': return isDark(this.p, i);
      case 'foreign': return (this.p.flags[i] & FLAG.FOREIGN) !== 0;
      default: return true;
    }
  }

  /* Rows anew: which, and in which order. */
  update(): void {
    const p = this.p;
    const rows: number[] = [];
    for (let i = 0; i < p.n; i++)
      if (this.filter === 'view' ? this.hooks.inView(i) : this.matches(i))
        rows.push(i);
    const order = this.order();
    rows.sort((a, b) => order(a, b) || p.slot[a] - p.slot[b]);
    this.rows = rows.map((i) => p.slot[i]);
    this.count = rows.length;
    this.grid.setAttribute('aria-rowcount', String(rows.length + 1));
    this.empty.hidden = rows.length > 0;
    this.space.style.height = `${rows.length * ROW}px`;
    this.paint();
  }

  reveal(slot: number): void {
    const k = this.rows.indexOf(slot);
    this.active = slot;
    if (k >= 0)
      this.scrollTo(k);
    this.paint();
  }

  /* The next or previous row's slot from the selection, in list order. */
  step(by: number): number {
    if (!this.rows.length)
      return -1;
    const k = this.rows.indexOf(this.hooks.selected());
    return this.rows[(k < 0 ? (by > 0 ? 0 : this.rows.length - 1) : k + by + this.rows.length) % this.rows.length];
  }

  private order(): (a: number, b: number) => number {
    const p = this.p;
    const by = this.up ? 1 : -1;
    /* Unknown goes last, whichever way. */
    const numbers = (get: (i: number) => number) => (a: number, b: number) => {
      const [x, y] = [get(a), get(b)];
      if (x !== x || y !== y)
        return (x !== x ? 1 : 0) - (y !== y ? 1 : 0);
      return by * (x - y);
    };
    switch (this.sort) {
      case 'sog': return numbers((i) => p.sog[i]);
      case 'cog': return numbers((i) => p.cog[i]);
      case 'age': return numbers((i) => -p.t[i]);
      case 'sources': return numbers((i) => (p.sources[i] >> 4) * 16 + (p.sources[i] & 15));
      case 'name': {
        const key = new Map<number, string>();
        const name = (i: number) => {
          let s = key.get(i);
          if (s === undefined)
            key.set(i, s = (p.ident(i)?.name ? '0' : '1') + trackName(p, i));
          return s;
        };
        return (a, b) => by * (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0);
      }
    }
  }

  private showSort(): void {
    this.heads.forEach((h, c) => {
      if (c === this.sort)
        h.setAttribute('aria-sort', this.up ? 'ascending' : 'descending');
      else
        h.removeAttribute('aria-sort');
    });
  }

  /* What the rows have below the head that stays. */
  private height(): number {
    return this.grid.clientHeight - HEAD;
  }

  private scrollTo(k: number): void {
    const top = k * ROW;
    const height = this.height();
    if (top < this.grid.scrollTop)
      this.grid.scrollTop = top;
    else if (top + ROW > this.grid.scrollTop + height)
      this.grid.scrollTop = top + ROW - height;
  }

  private key(e: KeyboardEvent): void {
    const k = this.rows.indexOf(this.active);
    const page = Math.max(1, Math.floor(this.height() / ROW) - 1);
    const moves: Record<string, number> = { ArrowDown: k + 1, ArrowUp: k < 0 ? 0 : k - 1, PageDown: k + page, PageUp: k - page,
      Home: 0, End: this.rows.length - 1 };
    if (e.key in moves && this.rows.length) {
      const to = Math.min(Math.max(moves[e.key], 0), this.rows.length - 1);
      this.reveal(this.rows[to]);
    } else if ((e.key === 'Enter' || e.key === ' ') && this.active >= 0) {
      this.hooks.select(this.active, true);
    } else {
      return;
    }
    e.preventDefault();
  }

  private row(k: number): Row {
    let r = this.pool[k];
    if (r)
      return r;
    const cell = (c: string) => el('span', { role: 'gridcell', class: c });
    r = { root: el('div', { class: 'grid-row', role: 'row' }), symbol: glyph(22), name: cell('n'), sog: cell('r'),
      cog: cell('r'), src: cell('src'), age: cell('r') };
    r.root.append(el('span', { role: 'gridcell' }, r.symbol), r.name, r.sog, r.cog, r.src, r.age);
    r.root.addEventListener('click', () => {
      const slot = Number(r!.root.dataset.slot);
      this.active = slot;
      this.hooks.select(slot, false);
    });
    r.root.addEventListener('dblclick', () => this.hooks.select(Number(r!.root.dataset.slot), true));
    this.pool[k] = r;
    this.space.append(r.root);
    return r;
  }

  paint(): void {
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW) - 2);
    const n = Math.min(this.rows.length - first, Math.ceil(this.height() / ROW) + 4);
    const selected = this.hooks.selected();
    let active = '';
    for (let k = 0; k < Math.max(n, this.pool.length); k++) {
      if (k >= n) {
        this.pool[k].root.hidden = true;
        continue;
      }
      const slot = this.rows[first + k];
      const i = this.p.find(slot);
      const r = this.row(k);
      r.root.hidden = i < 0;
      if (i < 0)
        continue;
      r.root.style.transform = `translateY(${(first + k) * ROW}px)`;
      r.root.dataset.slot = String(slot);
      r.root.id = `row-${slot}`;
      r.root.setAttribute('aria-rowindex', String(first + k + 2));
      r.root.setAttribute('aria-selected', String(slot === selected));
      r.root.toggleAttribute('data-active', slot === this.active);
      if (slot === this.active)
        active = r.root.id;
      this.fill(r, i, slot === selected);
    }
    if (active)
      this.grid.setAttribute('aria-activedescendant', active);
    else
      this.grid.removeAttribute('aria-activedescendant');
  }

  private fill(r: Row, i: number, selected: boolean): void {
    const p = this.p;
    const old = this.hooks.now() - p.t[i];
    drawGlyph(r.symbol, symbolOf(p, i), p.cog[i] || 0, this.colours, selected);
    setText(r.name, trackName(p, i));
    r.name.toggleAttribute('data-dark', isDark(p, i));
    setText(r.sog, knots(p.sog[i]));
    setText(r.cog, p.sog[i] < 0.25 ? '–' : course(p.cog[i]));
    setText(r.src, seenBy(p.sources[i]));
    setText(r.age, age(old));
    r.age.toggleAttribute('data-old', old > OLD_MS);
  }
}

/* Who sees it, in fixed places: radar, AIS, camera. */
export function seenBy(sources: number): string {
  return (sources & SOURCE.RADAR ? 'R' : '·') + (sources & (SOURCE.AIS | SOURCE.ADSB) ? 'A' : '·') +
    (sources & SOURCE.CAMERA ? 'C' : '·');
}

/* help - the `?` sheet: every key, every symbol. */

import { el } from './dom';
import { drawGlyph, glyph } from './glyph';
import type { Key } from './keys';
import type { Palette } from './palette';
import { KIND, SHAPE, type Symbol } from './symbol';

const plain: Symbol = { shape: SHAPE.TRIANGLE, kind: KIND.CARGO, filled: true, dashed: false, crossed: false, foreign: false };
const LEGEND: [Partial<Symbol>, string][] = [
  [{}, 'Seen by radar and AIS: filled'],
  [{ filled: false }, 'AIS alone: hollow'],
  [{ shape: SHAPE.CIRCLE, kind: KIND.DARK, filled: false }, 'Unidentified: radar or camera alone'],
  [{ shape: SHAPE.SART, kind: KIND.DISTRESS, filled: false }, 'Distress beacon (SART, MOB, EPIRB)'],
  [{ shape: SHAPE.BAR, kind: KIND.TANKER }, 'Tanker'],
  [{ shape: SHAPE.DOT, kind: KIND.PASSENGER }, 'Passenger'],
  [{ shape: SHAPE.CHEVRON, kind: KIND.PASSENGER }, 'High-speed craft'],
  [{ shape: SHAPE.NOTCH, kind: KIND.FISHING }, 'Fishing'],
  [{ shape: SHAPE.SLIM, kind: KIND.PLEASURE }, 'Pleasure craft'],
  [{ shape: SHAPE.STRIPE, kind: KIND.SPECIAL }, 'Pilot, tug, SAR, law enforcement'],
  [{ shape: SHAPE.DIAMOND, kind: KIND.ATON, filled: false }, 'Aid to navigation'],
  [{ filled: false, dashed: true }, 'Tentative: dashed'],
  [{ crossed: true }, 'Not seen when it should have been: struck through'],
  [{ foreign: true }, 'From a neighbour: bar beneath'],
];

const GROUPS = { track: 'Tracks', chart: 'Chart', view: 'View' } as const;

export class Help {
  private dialog: HTMLDialogElement | null = null;

  constructor(private readonly keys: Key[], private readonly colours: () => Palette) {}

  toggle(): void {
    if (this.dialog)
      return this.dialog.close();
    const left = el('div');
    for (const [group, title] of Object.entries(GROUPS)) {
      const list = el('dl');
      for (const k of this.keys.filter((key) => key.group === group))
        list.append(el('dt', {}, ...k.shown.map((s) => el('kbd', {}, s))), el('dd', {}, k.what));
      left.append(el('h3', {}, title), list);
    }
    const symbols = el('dl', { class: 'symbols' });
    for (const [look, words] of LEGEND) {
      const c = glyph(28);
      drawGlyph(c, { ...plain, ...look }, 0, this.colours());
      c.style.width = '28px';
      symbols.append(el('dt', {}, c), el('dd', {}, words));
    }
    const d = el('dialog', { class: 'help', 'aria-label': 'Help' },
      el('header', {}, el('h2', {}, 'Keys and symbols'),
        el('button', { class: 'plain', onclick: () => d.close() }, 'Close')),
      el('div', { class: 'columns' }, left, el('div', {}, el('h3', {}, 'Symbols, after IMO SN.1/Circ.243'), symbols)));
    d.addEventListener('close', () => { d.remove(); this.dialog = null; });
    d.addEventListener('keydown', (e) => {
      if (e.key === '?') {
        e.preventDefault();
        d.close();
      }
    });
    document.body.append(d);
    this.dialog = d;
    d.showModal();
  }
}

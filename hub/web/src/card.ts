/*
 * card - one track: who it says it is and how sure that is, where it goes, who sees it, who was shown it.
 *
 * The hub's card is asked for every 2 s; speed, course and position come from the stream between answers.
 */

import type { Card as CardData } from './api';
import { ICON, el, icon, setText } from './dom';
import { age, course, knots, latText, lonText, metres, percent, NONE } from './format';
import { mercLat, mercLon } from './geo';
import { drawGlyph, glyph } from './glyph';
import type { Palette } from './palette';
import { CLASSES, FLAG, type Picture } from './picture';
import { isDark, symbolOf } from './symbol';
import { OLD_MS, trackName } from './table';
import { flagState, shipType, text } from './text';

export interface CardHooks {
  now(): number;
  centre(): void;
  close(): void;
}

export class CardPanel {
  private slot = -1;
  private data: CardData | null = null;
  private lost = false;
  private asked_ms = 0; /* when the ages in data were true */
  private readonly live: Record<'sog' | 'cog' | 'lat' | 'lon', HTMLElement> = {
    sog: el('span'), cog: el('span'), lat: el('div'), lon: el('div') };
  private readonly ages: [HTMLElement, number][] = [];
  private readonly symbol = glyph(34);

  constructor(private readonly root: HTMLElement, private readonly p: Picture, private readonly centreId: () => string,
    private readonly colours: () => Palette, private readonly hooks: CardHooks) {}

  open(slot: number): void {
    this.slot = slot;
    this.data = null;
    this.lost = false;
    this.root.hidden = false;
    this.root.scrollTop = 0;
    this.render();
  }

  close(): void {
    this.slot = -1;
    this.data = null;
    this.root.hidden = true;
    this.root.replaceChildren();
  }

  setData(data: CardData): void {
    this.data = data;
    this.asked_ms = this.hooks.now();
    this.lost = false;
    this.render();
  }

  setLost(): void {
    this.lost = true;
    this.render();
  }

  /* Between answers of the hub. */
  tick(): void {
    if (this.root.hidden)
      return;
    const i = this.p.find(this.slot);
    const now = this.hooks.now();
    const [lat, lon] = i >= 0 ? [mercLat(this.p.yAt(i, now)), mercLon(this.p.xAt(i, now))] : [this.data?.position.lat, this.data?.position.lon];
    const sog = i >= 0 ? this.p.sog[i] : this.data?.motion.sog;
    setText(this.live.sog, knots(sog));
    setText(this.live.cog, sog != null && sog < 0.25 ? NONE : course(i >= 0 ? this.p.cog[i] : this.data?.motion.cog));
    setText(this.live.lat, lat == null ? NONE : latText(lat));
    setText(this.live.lon, lon == null ? '' : lonText(lon));
    for (const [cell, last] of this.ages) {
      setText(cell, age(now - last));
      cell.toggleAttribute('data-old', now - last > OLD_MS);
    }
    if (i >= 0)
      drawGlyph(this.symbol, symbolOf(this.p, i), this.p.cog[i] || 0, this.colours());
  }

  private render(): void {
    const scroll = this.root.scrollTop;
    /* Focus survives the redraw: the buttons are found again by name. */
    const focused = this.root.contains(document.activeElement) ? document.activeElement?.getAttribute('data-act') : null;
    this.ages.length = 0;
    this.root.replaceChildren(this.head(), this.chips(), this.motion(), ...(this.lost
      ? [el('p', { class: 'card-lost' }, text.cardLost)] : []), ...(this.data ? this.details(this.data) : []));
    this.root.scrollTop = scroll;
    if (focused)
      this.root.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus();
    this.tick();
  }

  private head(): HTMLElement {
    const i = this.p.find(this.slot);
    const name = this.data?.identity?.name || (i >= 0 ? trackName(this.p, i) : this.data?.id) || '';
    const cls = i >= 0 && isDark(this.p, i) ? text.dark
      : (text.classes[i >= 0 ? this.p.cls[i] : Math.max(0, (CLASSES as readonly string[]).indexOf(this.data?.class ?? ''))] ?? '');
    return el('div', { class: 'card-head' }, this.symbol,
      el('div', {}, el('h2', {}, name), el('p', {}, [cls, this.data?.id ?? this.p.ident(i)?.id].filter(Boolean).join(' · '))),
      el('button', { class: 'plain', 'data-act': 'centre', 'aria-label': 'Centre on it', title: 'Centre (G)',
        onclick: () => this.hooks.centre() }, icon(ICON.centre)),
      el('button', { class: 'plain', 'data-act': 'close', 'aria-label': 'Close', title: 'Close (Esc)',
        onclick: () => this.hooks.close() }, icon(ICON.close)));
  }

  private chips(): HTMLElement {
    const i = this.p.find(this.slot);
    const flags = i >= 0 ? this.p.flags[i] : 0;
    const state = text.states[i >= 0 ? flags & 3 : 3];
    const chip = (words: string, tone = '') => el('span', { class: 'chip', 'data-tone': tone }, words);
    const origin = this.data?.origin ?? this.p.ident(i)?.origin ?? null;
    const foreign = (flags & FLAG.FOREIGN) !== 0 || (origin !== null && origin !== this.centreId());
    return el('div', { class: 'chips' },
      chip(state, (flags & 3) === 1 ? '' : 'warn'),
      chip(foreign ? `${text.fromNeighbour} ${origin ?? ''}` : text.ownTrack),
      flags & FLAG.DISTRESS ? chip(flags & FLAG.TEST ? text.alarmTest : text.alarmTitle, flags & FLAG.TEST ? 'warn' : 'alarm') : null);
  }

  private motion(): HTMLElement {
    const sigma = this.data?.motion.cog_sigma;
    const pair = (label: string, cls: string, ...dd: (Node | string)[]) =>
      el('div', { class: cls }, el('dt', {}, label), el('dd', {}, ...dd));
    return el('dl', { class: 'motion' },
      pair(text.speed, '', this.live.sog, el('small', {}, ' kn')),
      pair(text.courseOver, '', this.live.cog, el('small', {}, sigma != null && sigma < 90 ? ` ±${Math.max(1, Math.round(2 * sigma))}°` : '')),
      pair(text.position, 'position', this.live.lat, this.live.lon));
  }

  private details(c: CardData): HTMLElement[] {
    return [
      el('h3', {}, text.sections.identity), this.identity(c),
      el('h3', {}, text.sections.certainty), this.certainty(c),
      el('h3', {}, text.sections.sources), this.sources(c),
      el('h3', {}, text.sections.released), this.released(c),
    ];
  }

  private identity(c: CardData): HTMLElement {
    const facts = el('dl', { class: 'facts' });
    const put = (label: string, value: string | null | undefined, wide = false) => {
      if (value)
        facts.append(el('dt', { class: wide ? 'first' : '' }, label), el('dd', { class: wide ? 'wide' : '' }, value));
    };
    const d = c.identity;
    if (c.candidates.length || d.name) {
      put('MMSI', d.mmsi ? String(d.mmsi).padStart(9, '0') : null);
      put('ICAO', d.icao24 ? d.icao24.toString(16).toUpperCase().padStart(6, '0') : null);
      put('Call sign', d.callsign);
      put('IMO', d.imo ? String(d.imo) : null);
      put(text.flag, flagState(d.mmsi));
      put(text.type, shipType(d.ship_type));
      put(text.size, d.length ? `${d.length} × ${d.beam ?? '?'} m` : null);
      put(text.status, d.nav_status != null ? text.navStatus[d.nav_status] : null, true);
    } else {
      put(text.status, text.unnamed, true);
    }
    for (const id of c.candidates.slice(1))
      put(text.or, `${id.value} (${percent(id.probability)})`, true);
    return facts;
  }

  private certainty(c: CardData): HTMLElement {
    const meter = (p: number) => {
      const fill = el('i');
      fill.style.width = `${Math.round(p * 100)}%`;
      return el('span', { class: 'bar', 'aria-hidden': 'true' }, fill);
    };
    const facts = el('dl', { class: 'facts' });
    if (c.existence != null)
      facts.append(el('dt', {}, text.existence), el('dd', { class: 'wide' }, meter(c.existence), percent(c.existence)));
    const best = c.candidates[0];
    if (best)
      facts.append(el('dt', {}, text.sections.identity), el('dd', { class: 'wide' }, meter(best.probability), percent(best.probability)));
    const s = c.standing;
    if (s)
      facts.append(el('dt', {}, text.standing), el('dd', { class: 'wide' },
        `${text.standings[s.kind] ?? s.kind}: ${s.value}, ${s.count} ${text.reports}, ${metres(s.distance)}`));
    const e = c.ellipse;
    if (e)
      facts.append(el('dt', {}, text.ellipse), el('dd', { class: 'wide' },
        `${metres(e.major)} × ${metres(e.minor)}, ${text.axis} ${course(((e.angle % 180) + 180) % 180)}`));
    return facts;
  }

  private sources(c: CardData): HTMLElement {
    const body = el('tbody');
    for (const s of c.sources) {
      const last = el('td');
      this.ages.push([last, this.asked_ms - s.age_ms]);
      body.append(el('tr', {}, el('td', {}, icon(ICON[s.sensor as keyof typeof ICON] ?? ICON.radar)),
        el('td', {}, `${s.feed} (${text.sensors[s.sensor] ?? s.sensor})`), last, el('td', {}, `${s.plots} ${text.plots}`)));
    }
    return el('table', { class: 'sources' }, body);
  }

  private released(c: CardData): HTMLElement {
    const list = el('ul', { class: 'released' });
    for (const r of c.release)
      list.append(el('li', { 'data-released': r.released }, el('b', {}, r.peer),
        el('em', {}, r.released ? text.released : text.withheld), el('span', {}, r.reason ?? r.rule ?? '')));
    if (!c.release.length)
      list.append(el('li', {}, el('span', {}, text.nobody)));
    return list;
  }
}

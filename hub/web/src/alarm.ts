/*
 * alarm - distress calls, above everything else on the side: who, where, since when, who is near, who has taken it.
 *
 * The officer's name is asked once per session of the page and goes with every acknowledgement.
 */

import { acknowledge } from './api';
import { el, setText, byId } from './dom';
import { NONE, age, clock, course, latText, lonText, range } from './format';
import type { Alarm } from './frame';
import { inverse, mercLat, mercLon } from './geo';
import { CLASS_ATON, FLAG, type Picture } from './picture';
import { askOfficer, officer } from './officer';
import { trackName } from './table';
import { text } from './text';
import { isDark } from './symbol';

const NEAREST = 3;

export interface AlarmHooks {
  now(): number;
  show(a: Alarm): void;
  changed(): void;
  may: boolean; /* acknowledge */
  user: string | null; /* the proxy's login, instead of asking */
}

interface View {
  root: HTMLElement;
  where: HTMLElement;
  age: HTMLElement;
  near: HTMLElement;
  key: string;
}

export class Alarms {
  list: Alarm[] = [];
  private readonly views = new Map<number, View>();
  private readonly failed = new Map<number, string>();

  constructor(private readonly root: HTMLElement, private readonly p: Picture, private readonly hooks: AlarmHooks) {}

  update(list: Alarm[]): void {
    const known = new Set(this.list.map((a) => a.id));
    this.list = [...list].sort((a, b) => Number(!!a.ack) - Number(!!b.ack) || Number(a.test) - Number(b.test) ||
      b.raised_ms - a.raised_ms);
    for (const a of this.list)
      if (!known.has(a.id) && !a.ack)
        setText(byId('assertive'), `${a.test ? text.alarmTest : text.alarmTitle}: ${this.name(a)}`);
    this.render();
    this.hooks.changed();
  }

  get pending(): Alarm | undefined {
    return this.list.find((a) => !a.ack);
  }

  async acknowledge(a: Alarm): Promise<void> {
    if (!this.hooks.may)
      return;
    const by = this.hooks.user ?? officer() ?? (await askOfficer());
    if (!by)
      return;
    try {
      const { ack } = await acknowledge(a.id, by);
      this.failed.delete(a.id);
      this.update(this.list.map((b) => (b.id === a.id ? { ...b, ack } : b)));
    } catch (e) {
      this.failed.set(a.id, e instanceof Error ? e.message : '');
      this.render();
    }
  }

  /* Ages and neighbours, once a second; a name may have come since. */
  tick(): void {
    this.render();
  }

  private render(): void {
    this.root.hidden = this.list.length === 0;
    const live = new Set(this.list.map((a) => a.id));
    for (const [id, v] of this.views)
      if (!live.has(id)) {
        v.root.remove();
        this.views.delete(id);
      }
    this.list.forEach((a, k) => {
      const key = JSON.stringify([a, this.failed.get(a.id), this.name(a)]);
      let v = this.views.get(a.id);
      if (v?.key !== key) {
        const fresh = this.view(a, key);
        if (v)
          v.root.replaceWith(fresh.root);
        v = fresh;
        this.views.set(a.id, v);
      }
      if (this.root.children[k] !== v.root)
        this.root.insertBefore(v.root, this.root.children[k] ?? null);
    });
    this.tell();
  }

  private tell(): void {
    for (const a of this.list) {
      const v = this.views.get(a.id);
      if (!v)
        continue;
      const at = this.place(a);
      setText(v.where, at ? `${latText(at[0])}  ${lonText(at[1])}` : NONE);
      setText(v.age, `${clock(a.raised_ms)} UTC, ${age(this.hooks.now() - a.raised_ms)} ago`);
      setText(v.near, at && v.near.isConnected ? this.nearest(...at) : '');
    }
  }

  /* Where it is now: its track where we have it, else as the alarm says. Latitude, longitude. */
  private place(a: Alarm): [number, number] | null {
    const i = this.p.findId(a.track);
    if (i >= 0)
      return [mercLat(this.p.yAt(i, this.hooks.now())), mercLon(this.p.xAt(i, this.hooks.now()))];
    return a.lat != null && a.lon != null ? [a.lat, a.lon] : null;
  }

  private name(a: Alarm): string {
    const i = this.p.findId(a.track);
    return a.name || (i >= 0 ? trackName(this.p, i) : a.track);
  }

  private view(a: Alarm, key: string): View {
    const where = el('dd');
    const when = el('dd');
    const near = el('dd');
    const kind = text.distress[a.what ?? ''] ?? '';
    const title = el('h2', {}, a.test ? text.alarmTest : text.alarmTitle, kind && el('small', {}, ` ${kind}`));
    const facts = el('dl', {}, el('dt', {}, text.position), where, el('dt', {}, text.raised), when);
    if (!a.test && !a.ack)
      facts.append(el('dt', {}, text.nearest), near);
    const show = el('button', { class: 'plain', onclick: () => this.hooks.show(a) }, text.show);
    const root = el('article', { class: 'alarm', 'data-alarm': a.id, 'data-acked': !!a.ack, 'data-test': a.test },
      el('header', {}, title, a.ack && show), el('p', { class: 'name' }, this.name(a)), facts);
    const actions = el('div', { class: 'actions' });
    if (!a.ack && this.hooks.may)
      actions.append(el('button', { class: 'plain ack', onclick: () => void this.acknowledge(a) }, text.ack));
    if (!a.ack)
      actions.append(show);
    if (a.ack)
      root.append(el('p', { class: 'acked' }, `${text.acked} `, el('b', {}, a.ack.by), ` at ${clock(a.ack.at_ms)} UTC`));
    if (this.failed.has(a.id))
      root.append(el('p', { class: 'error', role: 'alert' }, `${text.ackFailed}: ${this.failed.get(a.id)}`));
    if (!a.ack && !this.hooks.may)
      root.append(el('p', {}, text.viewerOnly));
    if (actions.childElementCount)
      root.append(actions);
    return { root, where, age: when, near, key };
  }

  /* The nearest craft somebody can call: known by name, not in distress themselves. */
  private nearest(lat: number, lon: number): string {
    const p = this.p;
    const found: { name: string; m: number; deg: number }[] = [];
    for (let i = 0; i < p.n; i++) {
      if (isDark(p, i) || p.flags[i] & FLAG.DISTRESS || p.cls[i] === CLASS_ATON || !p.ident(i)?.name)
        continue;
      const line = inverse(lat, lon, mercLat(p.yAt(i, this.hooks.now())), mercLon(p.xAt(i, this.hooks.now())));
      found.push({ name: trackName(p, i), m: line.range_m, deg: line.bearing_deg });
    }
    return found.sort((x, y) => x.m - y.m).slice(0, NEAREST)
      .map((f) => `${f.name}, ${range(f.m)} ${course(f.deg)}`).join('\n');
  }
}

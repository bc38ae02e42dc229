/* selection - the one track the officer looks at: its card every 2 s, its trail, its ellipse. */

import { getCard, getTrail, type Card } from './api';
import type { Selection } from './overlay';
import { mercLat, mercLon } from './geo';
import type { Picture } from './picture';

const CARD_MS = 2000;
const TRAIL_MAX = 2000;

export interface SelectionHooks {
  now(): number;
  opened(slot: number): void;
  card(c: Card): void;
  lost(): void;
  closed(): void;
}

export class Selected {
  current: Selection | null = null;
  private abort: AbortController | null = null;
  private timer = 0;
  private wanted: string | null = null; /* from a link, before the picture has it */

  constructor(private readonly p: Picture, private readonly hooks: SelectionHooks) {}

  get slot(): number {
    return this.current?.slot ?? -1;
  }

  want(id: string | undefined): void {
    this.wanted = id ?? null;
    this.arrived();
  }

  /* The picture changed: a wanted track may be there now, and the selected one has moved. */
  arrived(): void {
    if (this.wanted) {
      const i = this.p.findId(this.wanted);
      if (i >= 0)
        this.select(this.p.slot[i]);
    }
    const s = this.current;
    const i = s ? this.p.find(s.slot) : -1;
    if (!s || i < 0)
      return;
    const last = s.trail[s.trail.length - 1];
    [s.lon, s.lat] = [mercLon(this.p.x[i]), mercLat(this.p.y[i])];
    if (last && this.p.t[i] - last[0] > 2000)
      s.trail.push([this.p.t[i], s.lat, s.lon]);
    if (s.trail.length > TRAIL_MAX)
      s.trail.shift();
  }

  select(slot: number): void {
    const i = this.p.find(slot);
    const id = this.p.ident(i)?.id;
    if (i < 0 || !id)
      return;
    this.wanted = null;
    if (this.current?.slot === slot)
      return;
    this.stop();
    this.current = { id, slot, trail: [], ellipse: null, lon: mercLon(this.p.x[i]), lat: mercLat(this.p.y[i]),
      time_ms: this.p.t[i] };
    this.abort = new AbortController();
    this.hooks.opened(slot);
    void this.poll(id, this.abort.signal);
    void getTrail(id, this.abort.signal).then((points) => {
      if (this.current?.id === id)
        this.current.trail = points.slice(-TRAIL_MAX);
    }, () => undefined);
  }

  clear(): void {
    this.wanted = null;
    if (!this.current)
      return;
    this.stop();
    this.current = null;
    this.hooks.closed();
  }

  private stop(): void {
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  private async poll(id: string, signal: AbortSignal): Promise<void> {
    try {
      const card = await getCard(id, signal);
      if (this.current?.id !== id)
        return;
      this.current.ellipse = card.ellipse;
      this.hooks.card(card);
    } catch {
      if (signal.aborted)
        return;
      if (this.p.find(this.slot) < 0)
        this.hooks.lost();
    }
    this.timer = window.setTimeout(() => void this.poll(id, signal), CARD_MS);
  }
}

/*
 * live - is what is on screen the present? The hub's clock, the picture's age, and the banner when the answer is no.
 *
 * Stale is any of: never connected for 3 s, no BEAT for 3 s, HEALTH says so. Time shown is the hub's: a wall PC's clock is
 * nobody's evidence.
 */

import { byId, el, setText } from './dom';
import { age, clock, date } from './format';
import type { Health } from './frame';
import { text } from './text';

export class Live {
  stale = false;
  since_ms = 0;
  private offset = 0; /* hub's clock minus ours, ms */
  private heard = false;
  private picture_ms = 0;
  private health: Health | null = null;
  private frozen = 0;

  constructor(private readonly silent: () => boolean, private readonly changed: (stale: boolean) => void) {}

  beat(time_ms: number, picture_ms: number): void {
    const offset = time_ms - Date.now();
    /* Delay only makes the offset smaller: follow rises at once, falls slowly. */
    this.offset = !this.heard || offset > this.offset || offset < this.offset - 2000 ? offset : this.offset * 0.98 + offset * 0.02;
    this.heard = true;
    this.picture_ms = Math.max(picture_ms, 0);
  }

  hello(time_ms: number): void {
    this.beat(time_ms, this.picture_ms);
  }

  setHealth(h: Health): void {
    this.health = h;
    if (h.picture_ms)
      this.picture_ms = h.picture_ms;
  }

  /* The hub's time now; stands still while the picture is stale, so that nothing dead-reckons on. */
  now(): number {
    return this.stale && this.frozen ? this.frozen : this.utc();
  }

  utc(): number {
    return Date.now() + this.offset;
  }

  tick(): void {
    const silent = this.silent();
    const stale = silent || (this.health?.stale ?? false);
    if (stale !== this.stale) {
      this.frozen = this.utc();
      this.stale = stale;
      this.since_ms = this.picture_ms || this.utc();
      this.changed(stale);
    }
    setText(byId('clock'), clock(this.utc()));
    setText(byId('date'), date(this.utc()));
    this.showState();
    if (stale)
      this.showBanner(silent ? text.staleSilent : this.health?.reason || text.stale);
    const banner = byId('stale');
    if (banner.hidden === stale)
      banner.hidden = !stale;
  }

  private showState(): void {
    const box = byId('liveness');
    const old = this.picture_ms ? this.utc() - this.picture_ms : NaN;
    box.dataset.state = this.stale ? 'stale' : this.heard ? 'live' : 'connecting';
    const said = this.stale ? text.stale : this.heard ? text.live : text.connecting;
    byId('liveness-text').replaceChildren(el('b', {}, said), this.heard ? ` · ${text.picture} ${age(old)} ${text.old}` : '');
  }

  private showBanner(reason: string): void {
    const box = byId('stale');
    if (!box.childElementCount)
      box.append(el('strong', {}, text.staleTitle), el('b'), el('span', {}, text.staleBody));
    const since = `${text.staleSince} ${clock(this.since_ms)} UTC (${age(this.utc() - this.since_ms)}): ${reason}`;
    /* An alert's words change once per episode for a screen reader; the age is for the eyes. */
    setText(box.children[1], since);
  }
}

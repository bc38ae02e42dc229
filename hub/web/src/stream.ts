/*
 * stream - the live connection to the hub: one HTTP response of frames, asked again when the view or the line changes.
 *
 * A new viewport's request runs beside the old one until its snapshot is whole, so the picture never blinks. No BEAT for
 * STALE_MS is staleness, whatever TCP thinks.
 */

import { FrameReader, type Alarm, type FrameSink, type Health, type Hello, type Ident, type Records } from './frame';

export const STALE_MS = 3000; /* docs/wire.md: no BEAT for 3 s */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4000;

export type Bbox = [number, number, number, number];

class Connection implements FrameSink {
  readonly abort = new AbortController();
  readonly reader = new FrameReader(this);
  whole = false; /* its snapshot has come */

  constructor(private readonly owner: Stream) {}

  hello(h: Hello): void {
    this.owner.alive();
    this.owner.sink.hello(h);
  }

  snapshot(r: Records): void {
    this.whole = true;
    this.owner.takeOver(this);
    this.owner.sink.snapshot(r);
  }

  delta(r: Records): void {
    if (this.owner.current === this)
      this.owner.sink.delta(r);
  }

  gone(slots: Uint32Array): void {
    if (this.owner.current === this)
      this.owner.sink.gone(slots);
  }

  ident(list: Ident[]): void {
    this.owner.sink.ident(list);
  }

  alarm(list: Alarm[]): void {
    this.owner.sink.alarm(list);
  }

  health(h: Health): void {
    this.owner.sink.health(h);
  }

  beat(time_ms: number, picture_ms: number): void {
    this.owner.alive();
    this.owner.sink.beat(time_ms, picture_ms);
  }
}

export class Stream {
  current: Connection | null = null;
  reconnects = 0;
  lastBeat = performance.now();
  readonly errors = { short: 0, json: 0, unknown: 0, lost: 0, http: 0 };

  private pending: Connection | null = null;
  private bbox: Bbox | null = null;
  private retry = RETRY_MIN_MS;
  private timer = 0;

  constructor(readonly sink: FrameSink, private readonly base = '') {
    setInterval(() => this.watch(), 500);
  }

  /* Ask for another viewport. */
  view(bbox: Bbox): void {
    this.bbox = bbox;
    this.connect();
  }

  alive(): void {
    this.lastBeat = performance.now();
    this.retry = RETRY_MIN_MS;
  }

  get silent(): boolean {
    return performance.now() - this.lastBeat > STALE_MS;
  }

  takeOver(c: Connection): void {
    if (this.pending === c)
      this.pending = null;
    if (this.current !== c)
      this.current?.abort.abort();
    this.current = c;
  }

  private connect(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.pending?.abort.abort();
    this.pending = new Connection(this);
    void this.run(this.pending);
  }

  private async run(c: Connection): Promise<void> {
    try {
      const bbox = this.bbox!.map((v) => v.toFixed(4)).join(',');
      const response = await fetch(`${this.base}/stream?bbox=${bbox}`, { signal: c.abort.signal, cache: 'no-store' });
      if (!response.ok || !response.body)
        throw new Error(`HTTP ${response.status}`);
      const body = response.body.getReader();
      for (;;) {
        const { done, value } = await body.read();
        if (done || !c.reader.push(value))
          break;
      }
    } catch {
      if (!c.abort.signal.aborted)
        this.errors.http++;
    }
    this.ended(c);
  }

  private ended(c: Connection): void {
    for (const key of ['short', 'json', 'unknown', 'lost'] as const)
      this.errors[key] += c.reader.counts[key];
    const replaced = c.abort.signal.aborted;
    c.abort.abort();
    if (this.current === c)
      this.current = null;
    if (this.pending === c)
      this.pending = null;
    if (!replaced)
      this.again();
  }

  private again(): void {
    if (this.timer || this.pending)
      return;
    /* Jitter: a restarted hub is not met by every viewer in the same millisecond. */
    const wait = this.retry * (0.5 + Math.random());
    this.retry = Math.min(this.retry * 2, RETRY_MAX_MS);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.reconnects++;
      this.connect();
    }, wait);
  }

  /* A connection that is open and silent is as dead as a closed one. */
  private watch(): void {
    if (!this.bbox || performance.now() - this.lastBeat < STALE_MS + 2000 || this.timer)
      return;
    this.current?.abort.abort();
    this.pending?.abort.abort();
    this.current = this.pending = null;
    this.again();
  }
}

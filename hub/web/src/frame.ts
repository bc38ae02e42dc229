/*
 * frame - the picture's stream, bytes to frames. docs/wire.md, "The picture's stream".
 *
 * Never throws: a frame that cannot be right is counted and skipped; when the framing itself is lost the
 * reader says so once and takes no more, and its owner connects again.
 */

export const RECORD_BYTES = 24;
/* A snapshot of 1,000,000 tracks; anything longer is a lost framing, not a picture. */
export const FRAME_MAX = 24_000_016;

export const FRAME = { HELLO: 1, SNAPSHOT: 2, DELTA: 3, GONE: 4, IDENT: 5, ALARM: 6, HEALTH: 7, BEAT: 8 } as const;

export interface Hello {
  schema: number;
  centre: string;
  name: string;
  time_ms: number;
  epoch: number;
}

export interface Ident {
  slot: number;
  id: string;
  name?: string | null;
  mmsi?: number | null;
  imo?: number | null;
  callsign?: string | null;
  class?: string | null;
  origin?: string | null;
}

export interface Ack {
  by: string;
  at_ms: number;
}

export interface Alarm {
  id: number;
  kind: string;
  what?: string | null; /* sart, mob, epirb */
  test: boolean;
  track: string;
  slot: number | null;
  name?: string | null;
  raised_ms: number;
  lat: number | null;
  lon: number | null;
  ack: Ack | null;
}

/* How far a sensor is off: m, degrees or ms; null while unknown. */
export interface Bias {
  state: string;
  value: number | null;
  sigma: number | null;
}

export interface FeedHealth {
  feed: string;
  sensor: string;
  host: string;
  state: string;
  reason: string;
  age_ms: number | null;
  plots: number;
  bias?: { range: Bias; azimuth: Bias; time_ms: Bias }; /* of radars and cameras */
}

export interface PeerHealth {
  origin: string;
  state: string;
  released: number;
}

export interface Health {
  stale: boolean;
  reason: string;
  picture_ms: number;
  feeds: FeedHealth[];
  peers: PeerHealth[];
}

/* n records of RECORD_BYTES from offset on; valid during the call only. */
export interface Records {
  time_ms: number;
  view: DataView;
  offset: number;
  n: number;
}

export interface FrameSink {
  hello(h: Hello): void;
  snapshot(r: Records): void;
  delta(r: Records): void;
  gone(slots: Uint32Array): void;
  ident(list: Ident[]): void;
  alarm(list: Alarm[]): void;
  health(h: Health): void;
  beat(time_ms: number, picture_ms: number): void;
}

export interface FrameCounts {
  frames: number;
  bytes: number;
  short: number;
  json: number;
  unknown: number;
  lost: number;
}

const text = new TextDecoder();

function u64(v: DataView, at: number): number {
  return v.getUint32(at + 4, true) * 4294967296 + v.getUint32(at, true);
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

function isHello(x: unknown): x is Hello {
  return isObject(x) && x.schema === 1 && typeof x.centre === 'string' && typeof x.time_ms === 'number';
}

function isIdent(x: unknown): x is Ident {
  return isObject(x) && typeof x.slot === 'number' && typeof x.id === 'string';
}

function isAlarm(x: unknown): x is Alarm {
  return isObject(x) && typeof x.id === 'number' && typeof x.kind === 'string' && typeof x.raised_ms === 'number';
}

function isHealth(x: unknown): x is Health {
  return isObject(x) && typeof x.stale === 'boolean' && Array.isArray(x.feeds) && Array.isArray(x.peers) &&
    x.feeds.every(isObject) && x.peers.every(isObject);
}

export class FrameReader {
  readonly counts: FrameCounts = { frames: 0, bytes: 0, short: 0, json: 0, unknown: 0, lost: 0 };
  private buffer = new Uint8Array(65536);
  private used = 0;
  private dead = false;

  constructor(private readonly sink: FrameSink) {}

  /* Takes what arrived. Returns false when the framing is lost: drop the connection. */
  push(chunk: Uint8Array): boolean {
    if (this.dead)
      return false;
    this.counts.bytes += chunk.length;
    this.append(chunk);
    let at = 0;
    const view = new DataView(this.buffer.buffer);
    while (this.used - at >= 4) {
      const length = view.getUint32(at, true);
      if (length < 1 || length > FRAME_MAX)
        return this.lose();
      if (this.used - at - 4 < length)
        break;
      this.counts.frames++;
      this.take(view, at + 4, length);
      at += 4 + length;
    }
    this.buffer.copyWithin(0, at, this.used);
    this.used -= at;
    return true;
  }

  private lose(): false {
    this.dead = true;
    this.counts.lost++;
    return false;
  }

  private append(chunk: Uint8Array): void {
    const need = this.used + chunk.length;
    if (need > this.buffer.length) {
      const grown = new Uint8Array(Math.max(need, this.buffer.length * 2));
      grown.set(this.buffer.subarray(0, this.used));
      this.buffer = grown;
    }
    this.buffer.set(chunk, this.used);
    this.used = need;
  }

  private take(view: DataView, at: number, length: number): void {
    const type = view.getUint8(at);
    const body = at + 1;
    const size = length - 1;
    switch (type) {
      case FRAME.HELLO: return this.one(body, size, isHello, (h) => this.sink.hello(h));
      case FRAME.SNAPSHOT: return this.records(view, body, size, (r) => this.sink.snapshot(r));
      case FRAME.DELTA: return this.records(view, body, size, (r) => this.sink.delta(r));
      case FRAME.GONE: return this.gone(view, body, size);
      case FRAME.IDENT: return this.list(body, size, isIdent, (l) => this.sink.ident(l));
      case FRAME.ALARM: return this.list(body, size, isAlarm, (l) => this.sink.alarm(l));
      case FRAME.HEALTH: return this.one(body, size, isHealth, (h) => this.sink.health(h));
      case FRAME.BEAT:
        if (size < 16)
          this.counts.short++;
        else
          this.sink.beat(u64(view, body), u64(view, body + 8));
        return;
      default:
        this.counts.unknown++;
    }
  }

  private records(view: DataView, at: number, size: number, give: (r: Records) => void): void {
    const n = size < 12 ? -1 : view.getUint32(at + 8, true);
    if (n < 0 || n * RECORD_BYTES !== size - 12) {
      this.counts.short++;
      return;
    }
    give({ time_ms: u64(view, at), view, offset: at + 12, n });
  }

  private gone(view: DataView, at: number, size: number): void {
    const n = size < 4 ? -1 : view.getUint32(at, true);
    if (n < 0 || n * 4 !== size - 4) {
      this.counts.short++;
      return;
    }
    const slots = new Uint32Array(n);
    for (let i = 0; i < n; i++)
      slots[i] = view.getUint32(at + 4 + 4 * i, true);
    this.sink.gone(slots);
  }

  private json(at: number, size: number): unknown {
    try {
      return JSON.parse(text.decode(this.buffer.subarray(at, at + size)));
    } catch {
      return undefined;
    }
  }

  private one<T>(at: number, size: number, is: (x: unknown) => x is T, give: (x: T) => void): void {
    const x = this.json(at, size);
    if (is(x))
      give(x);
    else
      this.counts.json++;
  }

  /* Elements that are not what they should be are counted; the others stand. */
  private list<T>(at: number, size: number, is: (x: unknown) => x is T, give: (x: T[]) => void): void {
    const x = this.json(at, size);
    if (!Array.isArray(x)) {
      this.counts.json++;
      return;
    }
    const good = x.filter(is);
    this.counts.json += x.length - good.length;
    give(good);
  }
}

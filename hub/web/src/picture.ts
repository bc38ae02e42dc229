/*
 * picture - what the stream has said, as columns of typed arrays. No allocation per update.
 *
 * Row order has no meaning and changes when a track goes; the slot is the key. Times are the hub's, ms since the epoch.
 */

import { mercPerMetre, mercX, mercY } from './geo';
import { RECORD_BYTES, type Ident, type Records } from './frame';

export const STATE = { TENTATIVE: 0, CONFIRMED: 1, COASTING: 2, DROPPED: 3 } as const;
export const FLAG = { DISTRESS: 4, TEST: 8, FOREIGN: 16, IDENTITY: 32 } as const;
export const SOURCE = { RADAR: 1, AIS: 2, CAMERA: 4, ADSB: 8 } as const;

/* common/track.h, enum track_class */
export const CLASSES = ['unknown', 'cargo', 'tanker', 'passenger', 'fishing', 'high-speed', 'pleasure', 'special',
  'beacon', 'aton', 'aircraft'] as const;
export const CLASS_ATON = 9;

const RAD = Math.PI / 180;
/* Beyond this a dead-reckoned position is a guess: the symbol stays where the guess ends. */
export const RECKON_MAX_MS = 120_000;

export class Picture {
  n = 0;
  slot = new Uint32Array(0);
  x = new Float64Array(0); /* Mercator 0..1 at time t, that of the newest plot */
  y = new Float64Array(0);
  vx = new Float64Array(0); /* Mercator per ms */
  vy = new Float64Array(0);
  t = new Float64Array(0);
  cog = new Float32Array(0); /* degrees, NaN = unknown */
  sog = new Float32Array(0); /* m/s, NaN = unknown */
  cls = new Uint8Array(0);
  flags = new Uint8Array(0);
  quality = new Uint8Array(0);
  sources = new Uint8Array(0);
  /* Counts up with every change of rows; renderers compare. */
  version = 0;
  refused = 0;

  private readonly row = new Map<number, number>();
  private readonly idents = new Map<number, Ident>();
  private readonly slots = new Map<string, number>();

  find(slot: number): number {
    return this.row.get(slot) ?? -1;
  }

  findId(id: string): number {
    const slot = this.slots.get(id);
    return slot === undefined ? -1 : this.find(slot);
  }

  ident(i: number): Ident | undefined {
    return this.idents.get(this.slot[i]);
  }

  xAt(i: number, now: number): number {
    return this.x[i] + this.vx[i] * this.dt(i, now);
  }

  yAt(i: number, now: number): number {
    return this.y[i] + this.vy[i] * this.dt(i, now);
  }

  private dt(i: number, now: number): number {
    return Math.min(Math.max(now - this.t[i], 0), RECKON_MAX_MS);
  }

  replace(r: Records): void {
    this.row.clear();
    this.n = 0;
    this.merge(r);
    for (const [slot, ident] of this.idents)
      if (!this.row.has(slot)) {
        this.idents.delete(slot);
        this.slots.delete(ident.id);
      }
  }

  merge(r: Records): void {
    this.reserve(this.n + r.n);
    for (let k = 0; k < r.n; k++)
      this.record(r.view, r.offset + k * RECORD_BYTES, r.time_ms);
    this.version++;
  }

  remove(gone: Uint32Array): void {
    for (const slot of gone) {
      const i = this.row.get(slot);
      if (i === undefined)
        continue;
      this.row.delete(slot);
      const ident = this.idents.get(slot);
      if (ident)
        this.slots.delete(ident.id);
      this.idents.delete(slot);
      this.n--;
      if (i !== this.n)
        this.move(this.n, i);
    }
    this.version++;
  }

  name(list: Ident[]): void {
    for (const ident of list) {
      const before = this.idents.get(ident.slot);
      if (before && before.id !== ident.id)
        this.slots.delete(before.id);
      this.idents.set(ident.slot, ident);
      this.slots.set(ident.id, ident.slot);
    }
    this.version++;
  }

  clear(): void {
    this.n = 0;
    this.row.clear();
    this.idents.clear();
    this.slots.clear();
    this.version++;
  }

  private record(v: DataView, at: number, time_ms: number): void {
    const lon = v.getInt32(at + 4, true) / 1e7;
    const lat = v.getInt32(at + 8, true) / 1e7;
    /* Web Mercator ends at 85.05 degrees; a wire value outside the Earth is not a place. */
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 85.05)) {
      this.refused++;
      return;
    }
    const slot = v.getUint32(at, true);
    let i = this.row.get(slot);
    if (i === undefined) {
      i = this.n++;
      this.row.set(slot, i);
      this.slot[i] = slot;
    }
    const cog = v.getUint16(at + 12, true);
    const sog = v.getUint16(at + 14, true);
    this.x[i] = mercX(lon);
    this.y[i] = mercY(lat);
    this.cog[i] = cog === 65535 ? NaN : cog / 100;
    this.sog[i] = sog === 65535 ? NaN : sog / 100;
    const moving = cog !== 65535 && sog !== 65535;
    const speed = moving ? (sog / 100_000) * mercPerMetre(lat) : 0;
    this.vx[i] = speed * Math.sin(this.cog[i] * RAD || 0);
    this.vy[i] = -speed * Math.cos(this.cog[i] * RAD || 0);
    this.cls[i] = v.getUint8(at + 16);
    this.flags[i] = v.getUint8(at + 17);
    this.quality[i] = v.getUint8(at + 18);
    this.sources[i] = v.getUint8(at + 19);
    /* The place is that of the newest plot: what came in a snapshot may be a radar turn or an AIS interval old. */
    this.t[i] = time_ms - v.getUint32(at + 20, true);
  }

  private columns(): (Float64Array | Float32Array | Uint32Array | Uint8Array)[] {
    return [this.slot, this.x, this.y, this.vx, this.vy, this.t, this.cog, this.sog, this.cls, this.flags,
      this.quality, this.sources];
  }

  private move(from: number, to: number): void {
    for (const column of this.columns())
      column[to] = column[from];
    this.row.set(this.slot[to], to);
  }

  private reserve(n: number): void {
    if (n <= this.slot.length)
      return;
    const size = Math.max(1024, n, this.slot.length * 2);
    const f64 = (a: Float64Array) => { const b = new Float64Array(size); b.set(a); return b; };
    const f32 = (a: Float32Array) => { const b = new Float32Array(size); b.set(a); return b; };
    const u8 = (a: Uint8Array) => { const b = new Uint8Array(size); b.set(a); return b; };
    const slots = new Uint32Array(size);
    slots.set(this.slot);
    this.slot = slots;
    [this.x, this.y, this.vx, this.vy, this.t] = [this.x, this.y, this.vx, this.vy, this.t].map(f64);
    [this.cog, this.sog] = [this.cog, this.sog].map(f32);
    [this.cls, this.flags, this.quality, this.sources] =
      [this.cls, this.flags, this.quality, this.sources].map(u8);
  }
}

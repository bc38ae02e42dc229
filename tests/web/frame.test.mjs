/* The frame reader and what stands on it: hostile bytes are counted, never thrown; a lost framing is said once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from './scene.mjs';

const dir = process.env.VEDETTE_WEB_MODULES;
const load = (name) => import(`${dir}/${name}.mjs`);
const { FrameReader, FRAME_MAX, RECORD_BYTES } = await load('frame');
const { Picture, FLAG } = await load('picture');
const { inverse, mercX, mercY, mercLat, mercLon, offset } = await load('geo');
const format = await load('format');

function sink() {
  const seen = [];
  const note = (kind) => (value, more) => seen.push([kind, value, more]);
  return { seen, hello: note('hello'), snapshot: note('snapshot'), delta: note('delta'), gone: note('gone'), ident: note('ident'),
    alarm: note('alarm'), health: note('health'), beat: note('beat') };
}

function frame(type, body) {
  const b = Buffer.alloc(5 + body.length);
  b.writeUInt32LE(1 + body.length, 0);
  b[4] = type;
  Buffer.from(body).copy(b, 5);
  return b;
}

function records(type, list, time_ms = 1_700_000_000_000) {
  const b = Buffer.alloc(12 + RECORD_BYTES * list.length);
  b.writeBigUInt64LE(BigInt(time_ms), 0);
  b.writeUInt32LE(list.length, 8);
  list.forEach((r, k) => {
    const at = 12 + RECORD_BYTES * k;
    b.writeUInt32LE(r.slot, at);
    b.writeInt32LE(Math.round(r.lon * 1e7), at + 4);
    b.writeInt32LE(Math.round(r.lat * 1e7), at + 8);
    b.writeUInt16LE(r.cog ?? 65535, at + 12);
    b.writeUInt16LE(r.sog ?? 65535, at + 14);
    b[at + 16] = r.cls ?? 0;
    b[at + 17] = r.flags ?? 1;
    b.writeUInt32LE(r.age ?? 0, at + 20);
  });
  return frame(type, b);
}

const hello = frame(1, JSON.stringify({ schema: 1, centre: 'xa', name: 'x', time_ms: 5, epoch: 1 }));
const beat = (() => {
  const b = Buffer.alloc(16);
  b.writeBigUInt64LE(1_732_420_000_123n, 0);
  b.writeBigUInt64LE(1_732_420_000_001n, 8);
  return frame(8, b);
})();

test('frames split anywhere are whole again', () => {
  const all = Buffer.concat([hello, beat, records(2, [{ slot: 1, lon: 11, lat: 54 }]), frame(4, Buffer.from([1, 0, 0, 0, 9, 0, 0, 0]))]);
  for (let cut = 1; cut < 40; cut++) {
    const s = sink();
    const r = new FrameReader(s);
    for (let at = 0; at < all.length; at += cut)
      assert.equal(r.push(all.subarray(at, at + cut)), true);
    assert.deepEqual(s.seen.map(([kind]) => kind), ['hello', 'beat', 'snapshot', 'gone']);
    assert.equal(s.seen[1][1], 1_732_420_000_123);
    assert.deepEqual([...s.seen[3][1]], [9]);
  }
});

test('a truncated body is counted and the next frame stands', () => {
  const s = sink();
  const r = new FrameReader(s);
  const cut = records(3, [{ slot: 1, lon: 1, lat: 1 }]).subarray(5, -7);
  assert.equal(r.push(Buffer.concat([frame(3, cut), frame(8, [1, 2]), frame(4, [1]), frame(4, [2, 0, 0, 0, 1, 0, 0, 0]), beat])), true);
  assert.equal(r.counts.short, 4);
  assert.deepEqual(s.seen.map(([kind]) => kind), ['beat']);
});

test('JSON that is not what it should be is counted', () => {
  const s = sink();
  const r = new FrameReader(s);
  for (const [type, body] of [[1, '{'], [1, '{"schema":2}'], [5, '{}'], [5, '[1,null,{"slot":1,"id":"xa-1-1"}]'], [6, '"x"'], [7, '[]'],
    [7, '{"stale":false,"feeds":[1],"peers":[]}'], [7, '\u0000']])
    assert.equal(r.push(frame(type, body)), true);
  assert.equal(r.counts.json, 9);
  assert.deepEqual(s.seen.map(([kind, v]) => [kind, v.length]), [['ident', 1]]);
});

test('an unknown type is skipped', () => {
  const s = sink();
  const r = new FrameReader(s);
  assert.equal(r.push(Buffer.concat([frame(77, 'later'), beat])), true);
  assert.equal(r.counts.unknown, 1);
  assert.equal(s.seen.length, 1);
});

test('a length that cannot be is a lost framing, once', () => {
  for (const length of [0, FRAME_MAX + 1, 0xffffffff]) {
    const s = sink();
    const r = new FrameReader(s);
    const b = Buffer.alloc(8);
    b.writeUInt32LE(length, 0);
    assert.equal(r.push(b), false);
    assert.equal(r.push(beat), false);
    assert.equal(r.counts.lost, 1);
    assert.equal(s.seen.length, 0);
  }
});

test('ten thousand mutated streams never throw', () => {
  const rnd = random(42);
  const good = Buffer.concat([hello, beat, records(2, [{ slot: 1, lon: 11, lat: 54 }, { slot: 2, lon: 12, lat: 55 }]),
    frame(5, '[{"slot":1,"id":"xa-1-1"}]'), frame(6, '[]'), frame(4, [0, 0, 0, 0])]);
  const p = new Picture();
  for (let k = 0; k < 10_000; k++) {
    const b = Buffer.from(good);
    for (let m = 1 + Math.floor(rnd() * 6); m > 0; m--)
      b[Math.floor(rnd() * b.length)] = Math.floor(rnd() * 256);
    const s = sink();
    s.snapshot = s.delta = (r) => p.merge(r);
    s.gone = (g) => p.remove(g);
    s.ident = (l) => p.name(l);
    const r = new FrameReader(s);
    r.push(b.subarray(0, Math.floor(rnd() * b.length)));
  }
  assert.ok(p.n >= 0);
});

test('a place outside the Earth is refused, unknown course and speed are NaN', () => {
  const p = new Picture();
  const s = sink();
  s.snapshot = (r) => p.replace(r);
  const r = new FrameReader(s);
  r.push(records(2, [{ slot: 1, lon: 200, lat: 0 }, { slot: 2, lon: 0, lat: 89 }, { slot: 3, lon: 11, lat: 54, flags: 1 | FLAG.FOREIGN }]));
  assert.equal(p.n, 1);
  assert.equal(p.refused, 2);
  assert.ok(Number.isNaN(p.cog[0]) && Number.isNaN(p.sog[0]));
  assert.equal(p.vx[0], 0);
});

test('a track goes and the others stay where they are', () => {
  const p = new Picture();
  const s = sink();
  s.snapshot = (r) => p.replace(r);
  s.gone = (g) => p.remove(g);
  const r = new FrameReader(s);
  r.push(records(2, [1, 2, 3, 4].map((slot) => ({ slot, lon: slot, lat: 50 }))));
  r.push(frame(4, [2, 0, 0, 0, 2, 0, 0, 0, 99, 0, 0, 0]));
  assert.equal(p.n, 3);
  for (const slot of [1, 3, 4])
    assert.ok(Math.abs(mercLon(p.x[p.find(slot)]) - slot) < 1e-6);
  assert.equal(p.find(2), -1);
});

test('dead reckoning goes by course and speed: 10 m/s east for 60 s is 600 m', () => {
  const p = new Picture();
  const s = sink();
  s.snapshot = (r) => p.replace(r);
  new FrameReader(s).push(records(2, [{ slot: 1, lon: 11, lat: 54.5, cog: 9000, sog: 1000 }], 1000));
  const line = inverse(54.5, 11, mercLat(p.yAt(0, 61_000)), mercLon(p.xAt(0, 61_000)));
  assert.ok(Math.abs(line.range_m - 600) < 2.5, String(line.range_m));
  assert.ok(Math.abs(line.bearing_deg - 90) < 0.1);
});

test('a record is true at its newest plot: 5 s old at 10 m/s is 50 m behind', () => {
  const p = new Picture();
  const s = sink();
  s.snapshot = (r) => p.replace(r);
  new FrameReader(s).push(records(2, [{ slot: 1, lon: 11, lat: 54.5, cog: 0, sog: 1000, age: 5000 }], 100_000));
  const line = inverse(54.5, 11, mercLat(p.yAt(0, 100_000)), 11);
  assert.ok(Math.abs(line.range_m - 50) < 0.5, String(line.range_m));
});

/* Vincenty's test: Flinders Peak to Buninyong on GRS 80 (ICSM GDA technical manual): 54972.271 m, 306 52 05.37. */
test('range and bearing agree with the published line', () => {
  const dms = (d, m, s) => Math.sign(d) * (Math.abs(d) + m / 60 + s / 3600);
  const line = inverse(dms(-37, 57, 3.7203), dms(144, 25, 29.5244), dms(-37, 39, 10.1561), dms(143, 55, 35.3839));
  assert.ok(Math.abs(line.range_m - 54972.271) < 0.01, String(line.range_m));
  assert.ok(Math.abs(line.bearing_deg - dms(306, 52, 5.37)) < 1e-5, String(line.bearing_deg));
  assert.ok(Number.isNaN(inverse(0, 0, 0.1, 179.9).range_m) || inverse(0, 0, 0.1, 179.9).range_m > 1.9e7);
});

test('a coverage circle is the range it says, to 0.2 %', () => {
  for (const bearing of [0, 90, 200]) {
    const [lon, lat] = offset(54.5, 11, 30_000, bearing);
    assert.ok(Math.abs(inverse(54.5, 11, lat, lon).range_m - 30_000) < 60);
  }
  assert.ok(Math.abs(mercLat(mercY(54.321)) - 54.321) < 1e-9);
  assert.ok(Math.abs(mercLon(mercX(-11.5)) + 11.5) < 1e-9);
});

test('figures read as officers write them', () => {
  assert.equal(format.latText(54.5205667), '54°31.234′N');
  assert.equal(format.lonText(-9.99999999), '010°00.000′W');
  assert.equal(format.latText(-0.5, 0), '00°30′S');
  assert.equal(format.course(359.7), '000°');
  assert.equal(format.course(NaN), '–');
  assert.equal(format.knots(10.288889), '20.0');
  assert.equal(format.age(4240), '4.2 s');
  assert.equal(format.age(9.96e3), '10 s');
  assert.equal(format.age(3_600_000 * 2), '2 h');
  assert.equal(format.range(1852), '1.00 NM');
});

/*
 * fake-hub - speaks the hub's HTTP contract (docs/wire.md, "The picture's stream"; docs/http.md) over an invented
 * scene, for tests of the picture without a hub. A test double, not a product: no storage, no policy, no limits.
 *
 * node fake-hub.mjs --web DIR [--port 8088] [--tracks N]
 * Controls for tests: POST /fake/{silence,talk,stale,fresh,garbage,cut,down/FEED,up/FEED}.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { CLASS_NAMES, makeScene, stateOf } from './scene.mjs';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.txt': 'text/plain' };
const SENSOR = { radar1: 'radar', radar2: 'radar', ais1: 'ais', camera1: 'camera' };
const SENSOR_BIT = { radar: 1, ais: 2, camera: 4, adsb: 8 };
const STATES = ['tentative', 'confirmed', 'coasting', 'dropped'];
const BOUNDS = [10.6, 54.28, 11.95, 54.85];

function frame(type, body) {
  const b = Buffer.alloc(5 + body.length);
  b.writeUInt32LE(1 + body.length, 0);
  b.writeUInt8(type, 4);
  body.copy(b, 5);
  return b;
}

const json = (type, value) => frame(type, Buffer.from(JSON.stringify(value)));

export function createFakeHub({ web, extra = 0 }) {
  const tracks = makeScene(extra);
  const epoch = Date.now();
  const down = new Set();
  const streams = new Set();
  const acks = new Map();
  let silent = false;
  let stale = false;

  const seconds = () => (Date.now() - epoch) / 1000;
  const distress = tracks.find((t) => t.distress);
  const feedsOf = (t) => t.feeds.filter((f) => !down.has(f));
  const visible = ([w, s, e, n]) => tracks.filter((t) => {
    const p = stateOf(t, seconds());
    return t.distress || (p.lon >= w && p.lon <= e && p.lat >= s && p.lat <= n);
  });

  function record(b, at, t) {
    const feeds = feedsOf(t);
    const age_ms = ((t.slot * 977) % 3000) + (feeds.length ? 0 : 30_000);
    const p = stateOf(t, seconds() - age_ms / 1000);
    b.writeUInt32LE(t.slot, at);
    b.writeInt32LE(Math.round(p.lon * 1e7), at + 4);
    b.writeInt32LE(Math.round(p.lat * 1e7), at + 8);
    b.writeUInt16LE(Math.round(p.cog * 100) % 36000, at + 12);
    b.writeUInt16LE(Math.round(p.mps * 100), at + 14);
    b.writeUInt8(t.cls, at + 16);
    b.writeUInt8((feeds.length ? t.state : 2) | t.flags | (t.mmsi ? 32 : 0) | (t.distress ? 4 : 0), at + 17);
    b.writeUInt8(t.quality, at + 18);
    b.writeUInt8(feeds.reduce((bits, f) => bits | SENSOR_BIT[SENSOR[f]], 0) | (feeds.length << 4), at + 19);
    b.writeUInt32LE(age_ms, at + 20);
  }

  function records(type, list) {
    const b = Buffer.alloc(12 + 24 * list.length);
    b.writeBigUInt64LE(BigInt(Date.now()), 0);
    b.writeUInt32LE(list.length, 8);
    list.forEach((t, k) => record(b, 12 + 24 * k, t));
    return frame(type, b);
  }

  function beat() {
    const b = Buffer.alloc(16);
    b.writeBigUInt64LE(BigInt(Date.now()), 0);
    b.writeBigUInt64LE(BigInt(Date.now() - 240), 8);
    return frame(8, b);
  }

  const idents = (list) => json(5, list.map((t) => ({ slot: t.slot, id: t.id, name: t.name || null, mmsi: t.mmsi ?? null, imo: null,
    callsign: t.callsign || null, class: CLASS_NAMES[t.cls], origin: t.origin })));

  function alarmList() {
    const p = stateOf(distress, seconds());
    return [{ id: 1, kind: 'distress', what: 'sart', test: false, track: distress.id, slot: distress.slot, name: 'SART 970211004', raised_ms: epoch - 41000,
      lat: p.lat, lon: p.lon, ack: acks.get(1) ?? null }];
  }

  const health = () => ({ stale, reason: stale ? 'no batch from fusion' : '', picture_ms: Date.now() - 240,
    feeds: Object.keys(SENSOR).map((f, k) => ({ feed: f, sensor: SENSOR[f], host: 'mast1', state: down.has(f) ? 'down' : 'up',
      reason: down.has(f) ? 'no datagram' : '', age_ms: down.has(f) ? 42000 : 300 + 400 * k, plots: Math.round(seconds() * 20) })),
    peers: [{ origin: 'xb', state: 'up', released: 21 }] });

  function broadcast(make) {
    for (const s of streams)
      s.response.write(make(s));
  }

  const timers = [
    setInterval(() => silent || broadcast(() => beat()), 1000),
    setInterval(() => silent || broadcast((s) => {
      s.phase = (s.phase + 1) % 5;
      return records(3, visible(s.bbox).filter((t) => t.slot % 5 === s.phase));
    }), 200),
    setInterval(() => silent || broadcast(() => json(7, health())), 2000),
  ];

  function stream(request, response, url) {
    const bbox = (url.searchParams.get('bbox') ?? '').split(',').map(Number);
    if (bbox.length !== 4 || !bbox.every(Number.isFinite))
      return response.writeHead(400).end();
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' });
    if (silent)
      return undefined;
    const list = visible(bbox);
    response.write(Buffer.concat([json(1, { schema: 1, centre: 'xa', name: 'NCC Fehmarn Süd', time_ms: Date.now(), epoch: 1 }),
      idents(list), records(2, list), json(6, alarmList()), json(7, health()), beat()]));
    const s = { response, bbox, phase: 0 };
    streams.add(s);
    request.on('close', () => streams.delete(s));
    return undefined;
  }

  function row(t) {
    const p = stateOf(t, seconds());
    return { id: t.id, slot: t.slot, origin: t.origin, name: t.name || null, mmsi: t.mmsi ?? null, imo: null, callsign: t.callsign || null,
      class: CLASS_NAMES[t.cls], state: STATES[t.state], lat: p.lat, lon: p.lon, sog: p.mps, cog: p.cog, age_ms: 300,
      distress: t.distress ?? null, test: false, foreign: t.origin !== 'xa', sources: [...new Set(t.feeds.map((f) => SENSOR[f]))] };
  }

  function find(q) {
    const found = tracks.filter((t) => [t.name, t.callsign, t.mmsi, t.id].some((v) => v && String(v).toLowerCase().includes(q)));
    return { time_ms: Date.now(), matched: found.length, tracks: found.slice(0, 12).map(row) };
  }

  function card(t) {
    const p = stateOf(t, seconds());
    const type = { cargo: 70, tanker: 80, passenger: 60, fishing: 30, 'high-speed': 40, pleasure: 37, special: 51 }[CLASS_NAMES[t.cls]];
    const candidates = t.mmsi ? [{ kind: 'mmsi', value: t.mmsi, probability: t.slot === 3 ? 0.91 : 0.987 }] : [];
    if (t.slot === 3)
      candidates.push({ kind: 'mmsi', value: 211281610, probability: 0.09 });
    const released = t.origin === 'xa' && p.lat > 54.55;
    return { ...row(t), version: 1, parent: null, standing: null, time_ms: Date.now(), age_ms: 300, existence: t.state === 1 ? 0.999 : 0.64,
      position: { lat: p.lat, lon: p.lon, alt: null },
      motion: { sog: p.mps, cog: p.cog, sog_sigma: 0.2, cog_sigma: t.mmsi ? 0.8 : 4 },
      ellipse: { major: t.quality * 5, minor: t.quality * 3, angle: 35, confidence: 0.95 },
      identity: { name: t.name || null, callsign: t.callsign || null, mmsi: t.mmsi ?? null, icao24: null,
        imo: t.length > 90 ? 9100000 + t.slot * 137 : null, ship_type: type ?? null, nav_status: t.cls === 4 ? 7 : t.mmsi ? 0 : null,
        length: t.length ?? null, beam: t.beam ?? null },
      candidates,
      sources: t.feeds.map((f, k) => ({ feed: f, sensor: SENSOR[f], age_ms: down.has(f) ? 60000 : 700 + 1300 * k, plots: 212 - 60 * k })),
      release: [{ peer: 'xb', name: 'NCC Fehmarn Nord', released, rule: released ? 'adjacent' : null,
        reason: t.origin === 'xb' ? 'it is theirs' : released ? 'in section xa-belt' : 'no rule allows it', section: released ? 'xa-belt' : null,
        lane: released ? 'tracks' : null }] };
  }

  function trail(t) {
    const points = [];
    for (let k = 60; k >= 0; k--) {
      const p = stateOf(t, Math.max(seconds() - k * 15, -t.start / (t.mps || 1)));
      points.push([Date.now() - k * 15000, p.lat, p.lon, p.mps, p.cog, 0]);
    }
    return { id: t.id, fields: ['time_ms', 'lat', 'lon', 'sog', 'cog', 'late'], points };
  }

  const border = [[10.6, 54.63], [10.86, 54.59], [11.1, 54.591], [11.36, 54.577], [11.63, 54.5], [11.95, 54.43]];
  const sections = { type: 'FeatureCollection', features: [
    { type: 'Feature', properties: { id: 'xa-belt', name: 'Section South (xa)', kind: 'waters' },
      geometry: { type: 'Polygon', coordinates: [[...border, [11.95, 54.3], [10.6, 54.3], border[0]]] } },
    { type: 'Feature', properties: { id: 'xb-belt', name: 'Section North (xb)', kind: 'waters' },
      geometry: { type: 'Polygon', coordinates: [[...border, [11.95, 54.86], [10.6, 54.86], border[0]]] } }] };

  const site = (feed, lon, lat, range, more = {}) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: { feed, sensor: SENSOR[feed], host: 'mast1', range, view: null, view_width: null, coverage: null, reason: '', state: down.has(feed) ? 'down' : 'up', ...more } });
  const sites = () => ({ type: 'FeatureCollection', features: [site('radar1', 11.238, 54.495, 30000), site('radar2', 11.06, 54.527, 26000),
    site('ais1', 11.238, 54.495, 55000), site('camera1', 11.238, 54.495, 14000, { view: 60, view_width: 50 })] });

  function file(path, response, accept) {
    const name = join(web, normalize(path === '/' ? '/index.html' : path));
    if (!name.startsWith(web) || !existsSync(name))
      return response.writeHead(404).end();
    const gz = existsSync(`${name}.gz`) && /\bgzip\b/.test(accept ?? '');
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', ...(gz ? { 'Content-Encoding': 'gzip' } : {}),
      'Content-Security-Policy': "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; frame-ancestors 'none'" });
    createReadStream(gz ? `${name}.gz` : name).pipe(response);
    return undefined;
  }

  function control(what, feed) {
    switch (what) {
      case 'silence': silent = true; break;
      case 'talk': silent = false; for (const s of streams) s.response.end(); streams.clear(); break;
      case 'stale': stale = true; broadcast(() => json(7, health())); break;
      case 'fresh': stale = false; broadcast(() => json(7, health())); break;
      case 'garbage': broadcast(() => Buffer.from('this is not a frame, and never was one')); break;
      case 'cut': for (const s of streams) s.response.destroy(); break;
      case 'down': down.add(feed); broadcast(() => json(7, health())); break;
      case 'up': down.delete(feed); broadcast(() => json(7, health())); break;
      default: return false;
    }
    return true;
  }

  async function acknowledge(request, response, id) {
    let text = '';
    for await (const chunk of request)
      text += chunk;
    const { by } = JSON.parse(text);
    if (!by)
      return response.writeHead(400).end();
    const first = !acks.has(id);
    if (first)
      acks.set(id, { by, at_ms: Date.now() });
    response.writeHead(first ? 200 : 409, { 'Content-Type': 'application/json' }).end(JSON.stringify(alarmList()[0]));
    return broadcast(() => json(6, alarmList()));
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://hub');
    const answer = (value) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    const [, a, b, c, d] = url.pathname.split('/').map(decodeURIComponent);
    if (request.method === 'POST' && a === 'fake')
      return response.writeHead(control(b, c) ? 204 : 404).end();
    if (request.method === 'POST' && a === 'api' && b === 'alarms' && d === 'ack')
      return void acknowledge(request, response, Number(c));
    if (url.pathname === '/stream')
      return stream(request, response, url);
    if (a !== 'api')
      return url.pathname === '/healthz' ? response.end('ok\n') : file(url.pathname, response, request.headers['accept-encoding']);
    const t = b === 'tracks' ? tracks.find((x) => x.id === c) : null;
    if (b === 'config')
      return answer({ centre: 'xa', name: 'NCC Fehmarn Süd', bounds: BOUNDS, home: { lon: 11.25, lat: 54.55, zoom: 9.4 }, roles: ['viewer', 'officer'] });
    if (b === 'tracks' && !c)
      return answer(find((url.searchParams.get('q') ?? '').toLowerCase()));
    if (t)
      return answer(d === 'trail' ? trail(t) : card(t));
    const collections = { sections: () => sections, sites, alarms: () => ({ alarms: alarmList() }) };
    return collections[b] ? answer(collections[b]()) : response.writeHead(404).end();
  });
  server.on('close', () => timers.forEach(clearInterval));
  return server;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { values } = parseArgs({ options: { web: { type: 'string' }, port: { type: 'string', default: '8088' },
    tracks: { type: 'string', default: '0' } } });
  const server = createFakeHub({ web: values.web, extra: Number(values.tracks) });
  server.listen(Number(values.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}

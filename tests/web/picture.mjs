/*
 * picture - an officer's first minutes at the picture, in Debian's Chromium. TAP; exit 77 without a browser.
 *
 * node picture.mjs --packages NODE_MODULES [--url http://127.0.0.1:8080 | --web DIST] [--shots DIR] [--wait SECONDS]
 * With --url against a running hub, else against the fake one. The line to the hub goes through a relay that can fall silent.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createFakeHub } from './fake-hub.mjs';
import { startProxy } from './proxy.mjs';

const CHROMIUM = '/usr/bin/chromium';
/* Longest wait for what should be at once: a loaded machine is slow, not wrong. */
const WAIT_MS = 20_000;
const ARGS = ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const { values: options } = parseArgs({ options: { url: { type: 'string' }, web: { type: 'string' }, packages: { type: 'string' },
  shots: { type: 'string', default: 'shots' }, wait: { type: 'string', default: '30' } } });
const packages = resolve(options.packages ?? 'build/hub/web/npm/node_modules');

if (!existsSync(CHROMIUM) || !existsSync(join(packages, 'playwright-core'))) {
  console.log('1..0 # SKIP no chromium or no playwright-core');
  process.exit(77);
}
const require = createRequire(join(packages, 'x.js'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const steps = [];
const step = (fact, run) => steps.push([fact, run]);
const fail = (why) => { throw new Error(why); };
const expect = (ok, why) => ok || fail(why);

/* What the page holds, read from inside it. */
const state = (page) => page.evaluate(() => {
  const { picture: p, live, alarms, stream } = window.vedette;
  const rows = [];
  for (let i = 0; i < p.n; i++)
    rows.push({ slot: p.slot[i], name: p.ident(i)?.name ?? '', id: p.ident(i)?.id ?? '', lon: p.x[i], lat: p.y[i], t: p.t[i], sog: p.sog[i],
      flags: p.flags[i], sources: p.sources[i] });
  return { rows, stale: live.stale, alarms: alarms.list, errors: { ...stream.errors }, reconnects: stream.reconnects };
});

const symbolAt = (page, slot) => page.evaluate((s) => {
  const { picture: p, projection: q, live } = window.vedette;
  const i = p.find(s);
  return i < 0 ? null : { x: q.px(p.xAt(i, live.now())), y: q.py(p.yAt(i, live.now())), w: q.width, h: q.height };
}, slot);

async function until(page, what, test, seconds = 20) {
  for (let k = 0; k < seconds * 5; k++) {
    if (await test())
      return;
    await page.waitForTimeout(200);
  }
  fail(`not within ${seconds} s: ${what}`);
}

const shot = async (page, name) => {
  await until(page, 'the coast', () => page.evaluate(() => window.vedette?.chart.landed && window.vedette.chart.map.areTilesLoaded()));
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(options.shots, `${name}.png`) });
};

step('the picture opens and tracks arrive', async ({ page, url }) => {
  await page.goto(url);
  await page.waitForSelector('html[data-ready]', { timeout: 30_000 });
  await until(page, 'tracks', async () => (await state(page)).rows.length > 5, Number(options.wait));
  await page.waitForTimeout(1500);
  expect((await page.textContent('#liveness')).includes('Live'), 'the picture does not say that it is live');
  await shot(page, 'day');
});

step('tracks move: in the stream and on the glass', async ({ page }) => {
  const box = await page.locator('#chart').boundingBox();
  const clip = { x: box.x + 60, y: box.y + 30, width: box.width - 90, height: box.height - 60 };
  const before = (await state(page)).rows;
  const glass = await page.screenshot({ clip });
  await page.waitForTimeout(8000);
  const after = new Map((await state(page)).rows.map((r) => [r.slot, r]));
  const moved = before.filter((r) => after.has(r.slot) && Math.hypot(after.get(r.slot).lon - r.lon, after.get(r.slot).lat - r.lat) > 1e-9);
  expect(moved.length > 3, `only ${moved.length} tracks moved`);
  expect(!glass.equals(await page.screenshot({ clip })), 'the chart looks the same after 8 s');
});

step('a click on a symbol opens its card with sources, certainty and release', async ({ page, ctx }) => {
  const rows = (await state(page)).rows.filter((r) => r.name && r.sog > 0.5);
  for (const r of rows) {
    const at = await symbolAt(page, r.slot);
    if (!at || at.x < 80 || at.y < 60 || at.x > at.w - 60 || at.y > at.h - 60)
      continue;
    const box = await page.locator('#chart').boundingBox();
    await page.mouse.click(box.x + at.x, box.y + at.y);
    ctx.row = r;
    break;
  }
  expect(ctx.row, 'no named moving track in view');
  await page.waitForSelector('#card .sources tr', { timeout: WAIT_MS });
  const words = await page.textContent('#card');
  for (const part of ['Identity', 'Certainty', 'Seen by', 'Neighbours', 'plots', '95 % within'])
    expect(words.includes(part), `the card lacks: ${part}`);
  expect((await page.textContent('#card h2')).length > 1, 'the card has no name');
  expect(page.url().includes('&t='), 'the link does not name the track');
  await until(page, 'a trail', () => page.evaluate(() => window.vedette.selected.current.trail.length > 0));
  await shot(page, 'card');
});

step('Escape closes the card', async ({ page }) => {
  await page.keyboard.press('Escape');
  expect(await page.isHidden('#card'), 'the card stays');
});

step('/ searches by name and Enter selects', async ({ page }) => {
  const name = (await state(page)).rows.find((r) => r.name.length > 4).name;
  await page.keyboard.press('/');
  await page.keyboard.type(name.slice(0, 4).toLowerCase());
  await page.waitForSelector('#hits [role=option] span', { timeout: WAIT_MS });
  await shot(page, 'search');
  await page.fill('#search input', name);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#card:not([hidden]) h2', { timeout: WAIT_MS });
  expect((await page.textContent('#card h2')) === name, `the card is not ${name}`);
  await page.keyboard.press('Escape');
});

step('the list is sorted, moves by keys and selects', async ({ page }) => {
  await page.keyboard.press('t');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#card:not([hidden])', { timeout: WAIT_MS });
  const name = await page.textContent('.grid-row[aria-selected=true] .n');
  await page.locator('.grid-head button', { hasText: 'kn' }).click();
  await page.waitForTimeout(300);
  const speeds = (await page.locator('.grid-row:not([hidden])').evaluateAll((rows) => rows
    .sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex')).map((r) => r.children[2].textContent)))
    .map(Number).filter(Number.isFinite);
  expect(speeds.every((v, k) => !k || v <= speeds[k - 1]), `not sorted by speed: ${speeds}`);
  expect(name.length > 1, 'the selected row has no name');
  await page.keyboard.press('Escape');
});

step('the filter shows what has no identity', async ({ page }) => {
  const all = await page.evaluate(() => window.vedette.table.count);
  await page.keyboard.press('u');
  await page.waitForTimeout(400);
  const dark = await page.evaluate(() => window.vedette.table.count);
  expect(dark < all, `${dark} of ${all}`);
  await shot(page, 'unidentified');
  await page.keyboard.press('u');
});

step('measuring gives range and bearing', async ({ page }) => {
  const box = await page.locator('#chart').boundingBox();
  await page.keyboard.press('m');
  await page.mouse.click(box.x + 200, box.y + 400);
  await page.mouse.move(box.x + 420, box.y + 300, { steps: 3 });
  await page.mouse.click(box.x + 420, box.y + 300);
  expect(await page.evaluate(() => window.vedette.measure?.fixed), 'the measure is not fixed');
  await shot(page, 'measure');
  await page.keyboard.press('Escape');
});

step('the distress call is acknowledged by name, and says who and when', async ({ page, ctx }) => {
  const alarm = (await state(page)).alarms.find((a) => !a.ack);
  if (!alarm)
    return 'no distress call in this picture';
  expect(await page.isVisible(`[data-alarm="${alarm.id}"] .ack`), 'no acknowledge button');
  await page.keyboard.press('d');
  await shot(page, 'distress');
  await page.keyboard.press('a');
  await page.waitForSelector('dialog input', { timeout: WAIT_MS });
  await page.keyboard.type('K. Jensen');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`[data-alarm="${alarm.id}"] .acked`, { timeout: WAIT_MS });
  const said = await page.textContent(`[data-alarm="${alarm.id}"] .acked`);
  expect(/K\. Jensen at \d\d:\d\d:\d\d UTC/.test(said), said);
  await page.waitForTimeout(2500);
  const ack = (await state(page)).alarms.find((a) => a.id === alarm.id)?.ack;
  expect(ack?.by === 'K. Jensen' && ack.at_ms > 1.6e12, 'the hub does not say so');
  await shot(page, 'acknowledged');
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  ctx.acked = true;
  return undefined;
});

const silence = async ({ page, proxy }) => {
  /* Measured inside the page: this machine may be slow to tell us. */
  const shown = page.evaluate(() => new Promise((done) => {
    const box = document.getElementById('stale');
    new MutationObserver(() => box.hidden || done(performance.now() - window.vedette.stream.lastBeat))
      .observe(box, { attributeFilter: ['hidden'] });
  }));
  proxy.silence();
  const took = await Promise.race([shown, page.waitForTimeout(15_000)]);
  expect(took < 4000, `the banner came ${took} ms after the last beat`);
  const words = await page.textContent('#stale');
  expect(/stale since \d\d:\d\d:\d\d UTC/.test(words.replace(/\s+/g, ' ').replace('stalesince', 'stale since')), words);
  await shot(page, 'stale');
  const frozen = await page.evaluate(() => window.vedette.live.now());
  await page.waitForTimeout(1200);
  expect((await page.evaluate(() => window.vedette.live.now())) === frozen, 'tracks are reckoned on while stale');
  proxy.restore();
  await page.waitForSelector('#stale', { state: 'hidden', timeout: WAIT_MS });
  await until(page, 'live again', async () => (await page.textContent('#liveness')).includes('Live'));
};

step('a silent line is a stale picture within 4 s, and live again after', async (env) => {
  try {
    await silence(env);
  } finally {
    env.proxy.restore();
  }
});

step('a cut line is taken up again without losing the picture', async ({ page, proxy }) => {
  const before = (await state(page)).rows.length;
  proxy.cut();
  await page.waitForTimeout(300);
  expect((await state(page)).rows.length >= before * 0.8, 'the picture was cleared');
  const t = Math.max(...(await state(page)).rows.map((r) => r.t));
  await until(page, 'news', async () => Math.max(...(await state(page)).rows.map((r) => r.t)) > t + 500, 12);
});

step('garbage in the stream is counted and the line renewed', async ({ page, fake }) => {
  if (!fake)
    return 'needs the fake hub';
  await page.waitForTimeout(800);
  const before = (await state(page)).errors.lost;
  await fetch(`${fake}/fake/garbage`, { method: 'POST' });
  await until(page, 'counted', async () => (await state(page)).errors.lost > before);
  await until(page, 'live', async () => (await state(page)).rows.length > 5 && !(await state(page)).stale);
  return undefined;
});

step('the hub says stale: the picture does', async ({ page, fake }) => {
  if (!fake)
    return 'needs the fake hub';
  await fetch(`${fake}/fake/stale`, { method: 'POST' });
  await page.waitForSelector('#stale:not([hidden])', { timeout: WAIT_MS });
  expect((await page.textContent('#stale')).includes('no batch from fusion'), 'without the reason');
  await fetch(`${fake}/fake/fresh`, { method: 'POST' });
  await page.waitForSelector('#stale', { state: 'hidden', timeout: WAIT_MS });
  return undefined;
});

step('a dead radar is a hole in the picture', async ({ page, fake }) => {
  if (!fake)
    return 'needs the fake hub';
  await fetch(`${fake}/fake/down/radar1`, { method: 'POST' });
  await page.waitForSelector('.feed[data-state=down]', { timeout: WAIT_MS });
  await until(page, 'the hole', () => page.evaluate(() => window.vedette.overlay.sites.features.some((s) => s.properties.state === 'down')));
  await shot(page, 'hole');
  await fetch(`${fake}/fake/up/radar1`, { method: 'POST' });
  await until(page, 'up again', async () => (await page.locator('.feed[data-state=down]').count()) === 0);
  return undefined;
});

step('? opens the help sheet, Escape closes it', async ({ page }) => {
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]', { timeout: WAIT_MS });
  await shot(page, 'help');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help', { state: 'detached', timeout: WAIT_MS });
});

step('dusk and night change the chart and keep to WCAG AA', async ({ page }) => {
  const seen = new Set();
  for (const [key, name] of [['2', 'dusk'], ['3', 'night'], ['1', 'day']]) {
    await page.keyboard.press(key);
    expect((await page.getAttribute('html', 'data-palette')) === name, name);
    seen.add(await page.evaluate(() => window.vedette.chart.map.getPaintProperty('sea', 'background-color')));
    await page.keyboard.press('n');
    await page.waitForSelector('#card .sources tr', { timeout: WAIT_MS });
    await shot(page, `${name}-card`);
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
    expect(!violations.length, `${name}: ${violations.map((v) => `${v.id} ${v.nodes[0]?.target} ${v.nodes[0]?.failureSummary}`).join('; ')}`);
  }
  expect(seen.size === 3, 'the sea keeps its colour');
});

step('a link brings back view, track and palette', async ({ page, url }) => {
  const r = (await state(page)).rows.find((row) => row.id && row.name);
  await page.goto('about:blank');
  await page.goto(`${url}/#11.00/54.5000/11.2000&t=${r.id}&p=dusk`);
  await page.waitForSelector('#card:not([hidden]) .sources', { timeout: 20_000 });
  expect((await page.getAttribute('html', 'data-palette')) === 'dusk', 'palette');
  expect(Math.abs((await page.evaluate(() => window.vedette.chart.map.getZoom())) - 11) < 0.01, 'zoom');
  expect((await page.textContent('#card')).includes(r.id), 'track');
});

step('the wall: 1920 x 1080', async ({ page, url }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  for (const palette of ['day', 'dusk', 'night']) {
    await page.goto('about:blank');
    await page.goto(`${url}/#p=${palette}`);
    await page.waitForSelector('html[data-ready]', { timeout: 30_000 });
    await page.waitForTimeout(2500);
    await shot(page, `wall-${palette}`);
  }
});

step('nothing was asked of anyone but the hub, and no script failed', async ({ foreign, problems }) => {
  expect(!foreign.length, `asked: ${foreign.slice(0, 3)}`);
  expect(!problems.length, problems.slice(0, 3).join(' | '));
});

async function main() {
  rmSync(options.shots, { recursive: true, force: true });
  mkdirSync(options.shots, { recursive: true });
  let fake = null;
  let server = null;
  if (!options.url) {
    server = createFakeHub({ web: resolve(options.web ?? 'build/hub/web/dist') });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    fake = `http://127.0.0.1:${server.address().port}`;
  }
  const proxy = await startProxy(options.url ?? fake);
  const profile = mkdtempSync(join(tmpdir(), 'vedette-web-'));
  const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, headless: true, args: ARGS,
    viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  const page = browser.pages()[0] ?? (await browser.newPage());
  const foreign = [];
  const problems = [];
  page.on('request', (r) => /^(data|blob|about):/.test(r.url()) || r.url().startsWith(proxy.url) || foreign.push(r.url()));
  page.on('pageerror', (e) => problems.push(e.message));
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource|ERR_/.test(m.text()) && problems.push(m.text()));
  const env = { page, proxy, fake, url: proxy.url, foreign, problems, ctx: {} };
  let failed = 0;
  console.log(`1..${steps.length}`);
  for (const [k, [fact, run]] of steps.entries()) {
    try {
      const skip = await run(env);
      console.log(`ok ${k + 1} - ${fact}${skip ? ` # SKIP ${skip}` : ''}`);
    } catch (e) {
      failed++;
      console.log(`not ok ${k + 1} - ${fact}\n# ${String(e.message).split('\n').join('\n# ')}`);
      await page.screenshot({ path: join(options.shots, `failed-${k + 1}.png`) }).catch(() => undefined);
    }
  }
  await browser.close();
  proxy.close();
  server?.close();
  rmSync(profile, { recursive: true, force: true });
  return failed ? 1 : 0;
}

process.exit(await main());

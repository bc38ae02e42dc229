/*
 * main - the picture on the wall: joins stream, chart, tracks and panels. Nothing else knows all of them.
 */

import { getConfig, getSections, getSites, type Collection, type Config, type Site } from './api';
import { Alarms } from './alarm';
import { CardPanel } from './card';
import { Chart } from './chart';
import { byId, el, setText } from './dom';
import { latText, lonText } from './format';
import type { Alarm, Health } from './frame';
import { mercLat, mercLon } from './geo';
import { readHash, writeHash } from './hash';
import { HealthStrip } from './health';
import { Help } from './help';
import { bindKeys, type Key } from './keys';
import { Live } from './live';
import { Overlay, type Measure, type PlaceName } from './overlay';
import { PALETTES, applyPalette, palette, type PaletteName } from './palette';
import { Picture } from './picture';
import { Projection } from './project';
import { Search } from './search';
import { Selected } from './selection';
import { Stream, type Bbox } from './stream';
import { isDark } from './symbol';
import { Table } from './table';
import { text } from './text';
import { Toolbar, drawScale } from './tools';
import { TrackLayer } from './track-layer';

const PICK_PX = 16; /* half of a pointer's target, >= 24 px across */
const VIEW_DEBOUNCE_MS = 300;
const VECTOR_MINUTES = [6, 12, 30, 0];

class App {
  private readonly place = readHash(location.hash);
  private paletteName: PaletteName = this.place.palette ??
    (localStorage.getItem('vedette-palette') as PaletteName | null) ??
    (matchMedia('(prefers-color-scheme: dark)').matches ? 'dusk' : 'day');
  private readonly picture = new Picture();
  private readonly projection = new Projection();
  private readonly live: Live;
  private readonly stream: Stream;
  private readonly chart: Chart;
  private readonly layer: TrackLayer;
  private readonly overlay: Overlay;
  private readonly table: Table;
  private readonly card: CardPanel;
  private readonly alarms: Alarms;
  private readonly selected: Selected;
  private readonly search: Search;
  private readonly health: HealthStrip;
  private readonly help: Help;
  private readonly toolbar: Toolbar;
  private hover = -1;
  private measure: Measure | null = null;
  private labels = true;
  private coverage = true;
  private follow = false;
  private asked: Bbox | null = null;
  private viewTimer = 0;
  private paintTimer = 0;
  private lastPaint = 0;
  private sitesKey = '';

  constructor(private readonly config: Config) {
    if (!PALETTES.includes(this.paletteName))
      this.paletteName = 'day';
    applyPalette(this.paletteName);
    const colours = palette(this.paletteName);
    const now = () => this.live.now();
    this.live = new Live(() => this.stream.silent, (stale) => this.staleChanged(stale));
    this.chart = new Chart(byId('map'), colours, {
      lon: this.place.lon ?? this.homeView().lon, lat: this.place.lat ?? this.homeView().lat,
      zoom: this.place.zoom ?? this.homeView().zoom });
    this.layer = new TrackLayer(this.picture, colours, now);
    this.overlay = new Overlay(byId('overlay') as HTMLElement as HTMLCanvasElement, this.projection, this.picture, colours);
    this.table = new Table(byId('list'), this.picture, colours, { now, inView: (i) => this.inView(i),
      selected: () => this.selected.slot, select: (slot, centre) => this.select(slot, centre ? 'centre' : 'show'),
      filtered: () => this.filterChanged() });
    this.card = new CardPanel(byId('card'), this.picture, () => config.centre, () => palette(this.paletteName),
      { now, centre: () => this.centreSelected(), close: () => this.selected.clear() });
    this.alarms = new Alarms(byId('alarms'), this.picture, { now, show: (a) => this.showAlarm(a), changed: () => this.repaint(),
      may: config.roles.includes('officer'), user: config.user ?? null });
    this.selected = new Selected(this.picture, { now,
      opened: (slot) => { this.card.open(slot); this.table.reveal(slot); this.selectionChanged(); },
      card: (c) => { this.card.setData(c); this.repaint(); },
      lost: () => this.card.setLost(),
      closed: () => { this.follow = false; this.card.close(); this.table.paint(); this.selectionChanged(); } });
    this.search = new Search(byId('search'), this.picture, colours, { select: (slot) => this.select(slot, 'centre'),
      fetchAndShow: (t) => {
        this.chart.map.jumpTo({ center: [t.lon, t.lat] });
        this.selected.want(t.id);
      } });
    this.health = new HealthStrip(byId('feeds'));
    this.stream = new Stream({
      hello: (h) => this.live.hello(h.time_ms),
      snapshot: (r) => { this.picture.replace(r); this.arrived(); this.table.update(); },
      delta: (r) => { this.picture.merge(r); this.arrived(); },
      gone: (slots) => { this.picture.remove(slots); this.arrived(); },
      ident: (list) => this.picture.name(list),
      alarm: (list) => this.alarms.update(list),
      health: (h) => this.healthArrived(h),
      beat: (time_ms, picture_ms) => this.live.beat(time_ms, picture_ms),
    });
    const keys = this.keys();
    this.help = new Help(keys, () => palette(this.paletteName));
    this.toolbar = this.makeToolbar();
    bindKeys(keys, () => document.querySelector('dialog[open]') !== null);
    this.chrome();
    this.bindMap();
    this.start();
  }

  private start(): void {
    void getSections().then((s) => { this.chart.setSections(s); this.overlay.setSections(s); this.repaint(); }, () => undefined);
    void this.loadSites();
    void this.chart.loadLand(this.nearHome());
    void fetch('names.json').then((r) => r.json()).then((j: { names: PlaceName[] }) => {
      this.overlay.names = j.names;
      this.repaint();
    }, () => undefined);
    this.projection.update(this.chart.map);
    this.askView();
    this.selected.want(this.place.track);
    setInterval(() => this.second(), 1000);
    setInterval(() => this.live.tick(), 250);
    setInterval(() => void this.loadSites(), 10_000);
  }

  /* chrome */

  private chrome(): void {
    document.title = `${this.config.name || this.config.centre} · vedette`;
    byId('centre').replaceChildren(this.config.name || this.config.centre, el('small', {}, `vedette · centre ${this.config.centre}`));
    setText(byId('source'), text.notForNavigation);
    for (const name of PALETTES)
      byId('palettes').append(el('button', { 'data-palette-button': name, 'aria-pressed': String(name === this.paletteName),
        onclick: () => this.setPalette(name) }, name[0].toUpperCase() + name.slice(1)));
    byId('help-button').addEventListener('click', () => this.help.toggle());
  }

  private setPalette(name: PaletteName): void {
    this.paletteName = name;
    localStorage.setItem('vedette-palette', name);
    applyPalette(name);
    const p = palette(name);
    for (const part of [this.chart, this.layer, this.overlay, this.table, this.search])
      part.setPalette(p);
    for (const b of byId('palettes').children)
      b.setAttribute('aria-pressed', String((b as HTMLElement).dataset.paletteButton === name));
    this.card.tick();
    this.linkChanged();
    this.repaint();
  }

  private makeToolbar(): Toolbar {
    const map = this.chart.map;
    return new Toolbar(byId('tools'), [
      { id: 'in', label: 'Zoom in', key: '+', icon: 'plus', run: () => map.zoomIn() },
      { id: 'out', label: 'Zoom out', key: '−', icon: 'minus', run: () => map.zoomOut() },
      { id: 'home', label: 'Home view', key: 'H', icon: 'home', run: () => this.home() },
      { id: 'measure', label: 'Measure range and bearing', key: 'M', icon: 'measure', run: () => this.toggleMeasure(),
        pressed: () => this.measure !== null },
      { id: 'vectors', label: 'Speed vectors', key: 'V', icon: 'vector', run: () => this.nextVectors(),
        pressed: () => this.layer.ahead_ms > 0 },
      { id: 'coverage', label: 'Sensor cover', key: 'C', icon: 'radar', run: () => this.toggleCoverage(),
        pressed: () => this.coverage },
    ]);
  }

  private keys(): Key[] {
    const map = this.chart.map;
    const pan = (x: number, y: number) => map.panBy([x * 120, y * 120], { duration: 150 });
    const key = (group: Key['group'], shown: string[], what: string, run: () => void, keys = shown.map((s) => s.toLowerCase())): Key =>
      ({ group, shown, what, run, keys });
    const step = (by: number) => {
      const slot = this.table.step(by);
      if (slot >= 0)
        this.select(slot, 'show');
    };
    return [
      key('track', ['/'], 'Search by name, MMSI, call sign, track', () => this.search.input.focus()),
      key('track', ['T'], 'To the list: arrows, Enter, Home, End', () => this.table.focus()),
      key('track', ['N', 'P'], 'Next, previous track in the list', () => step(1), ['n']),
      { group: 'track', shown: [], what: '', keys: ['p'], run: () => step(-1) },
      key('track', ['G'], 'Centre the chart on the selected track', () => this.centreSelected()),
      key('track', ['F'], 'Follow the selected track', () => this.toggleFollow()),
      key('track', ['U'], 'Unidentified contacts only; again for all', () =>
        this.table.setFilter(this.table.filter === 'dark' ? 'view' : 'dark')),
      key('track', ['A'], 'Acknowledge the first open distress call', () => {
        const a = this.alarms.pending;
        if (a)
          void this.alarms.acknowledge(a);
      }),
      key('track', ['D'], 'Show the first distress call on the chart', () => {
        const a = this.alarms.list[0];
        if (a)
          this.showAlarm(a);
      }),
      key('track', ['Esc'], 'Close: measure, card', () => this.escape(), ['Escape']),
      { group: 'chart', shown: ['←', '↑', '↓', '→'], what: 'Move the chart', keys: ['ArrowLeft'], run: () => pan(-1, 0) },
      ...([['ArrowRight', 1, 0], ['ArrowUp', 0, -1], ['ArrowDown', 0, 1]] as const).map(([k, x, y]): Key =>
        ({ group: 'chart', shown: [], what: '', keys: [k], run: () => pan(x, y) })),
      key('chart', ['+', '−'], 'Zoom', () => map.zoomIn(), ['+', '=']),
      { group: 'chart', shown: [], what: '', keys: ['-', '−', '_'], run: () => map.zoomOut() },
      key('chart', ['H'], 'Home view', () => this.home()),
      key('chart', ['M'], 'Measure range and bearing', () => this.toggleMeasure()),
      key('view', ['V'], 'Speed vectors: 6, 12, 30 min, none', () => this.nextVectors()),
      key('view', ['L'], 'Labels', () => { this.labels = !this.labels; this.repaint(); }),
      key('view', ['C'], 'Sensor cover', () => this.toggleCoverage()),
      key('view', ['1', '2', '3'], 'Day, dusk, night', () => this.setPalette('day'), ['1']),
      { group: 'view', shown: [], what: '', keys: ['2'], run: () => this.setPalette('dusk') },
      { group: 'view', shown: [], what: '', keys: ['3'], run: () => this.setPalette('night') },
      key('view', ['?'], 'This sheet', () => this.help.toggle()),
    ].filter((k) => k.keys.length) as Key[];
  }

  /* the chart */

  private bindMap(): void {
    const map = this.chart.map;
    this.chart.whenReady(() => {
      map.addLayer(this.layer);
      document.documentElement.dataset.ready = '1';
      this.repaint();
    });
    map.on('render', () => this.rendered());
    map.on('moveend', () => {
      clearTimeout(this.viewTimer);
      this.viewTimer = window.setTimeout(() => this.askView(), VIEW_DEBOUNCE_MS);
      this.table.update();
      this.linkChanged();
    });
    map.on('dragstart', () => { this.follow = false; });
    map.on('mousemove', (e) => this.pointed(e.point.x, e.point.y));
    map.on('mouseout', () => { this.hover = -1; setText(byId('cursor'), ''); });
    map.on('click', (e) => this.clicked(e.point.x, e.point.y, e.lngLat.lng, e.lngLat.lat));
    new ResizeObserver(() => map.resize()).observe(byId('chart'));
    window.addEventListener('hashchange', () => this.followLink());
    document.addEventListener('visibilitychange', () => this.repaint());
  }

  private rendered(): void {
    this.projection.update(this.chart.map);
    const zoom = this.chart.map.getZoom();
    this.overlay.draw({ now: this.live.now(), zoom, moving: this.chart.map.isMoving(), stale: this.live.stale,
      selection: this.selected.current, hover: this.hover, alarms: this.alarms.list, measure: this.measure, labels: this.labels,
      coverage: this.coverage, dim: this.layer.dim });
    drawScale(this.projection);
    this.lastPaint = performance.now();
    this.schedule();
  }

  /* Dead reckoning moves symbols between updates: paint again when the fastest has moved half a pixel, at most 1 s. */
  private schedule(): void {
    clearTimeout(this.paintTimer);
    const ringing = this.alarms.pending && !this.alarms.pending.test && !this.overlay.reducedMotion && !this.live.stale;
    let fastest = 0;
    for (let i = 0; i < this.picture.n; i++)
      fastest = Math.max(fastest, Math.abs(this.picture.vx[i]) + Math.abs(this.picture.vy[i]));
    const wait = ringing ? 125 : Math.min(Math.max(0.5 / (fastest * this.projection.scale), 100), 1000);
    this.paintTimer = window.setTimeout(() => this.repaint(), wait);
  }

  private repaint(): void {
    this.chart.map.triggerRepaint();
  }

  private inView(i: number): boolean {
    const now = this.live.now();
    return this.projection.inside(this.projection.px(this.picture.xAt(i, now)), this.projection.py(this.picture.yAt(i, now)));
  }

  private pick(x: number, y: number): number {
    const now = this.live.now();
    let best = -1;
    let near = PICK_PX ** 2;
    for (let i = 0; i < this.picture.n; i++) {
      const d = (this.projection.px(this.picture.xAt(i, now)) - x) ** 2 + (this.projection.py(this.picture.yAt(i, now)) - y) ** 2;
      if (d < near)
        [near, best] = [d, this.picture.slot[i]];
    }
    return best;
  }

  private pointed(x: number, y: number): void {
    const [lon, lat] = [this.projection.lon(x), this.projection.lat(y)];
    setText(byId('cursor'), `${latText(lat)}  ${lonText(lon)}`);
    if (this.measure?.from && !this.measure.fixed) {
      this.measure.to = [lon, lat];
      this.repaint();
    }
    const hover = this.pick(x, y);
    if (hover === this.hover)
      return;
    this.hover = hover;
    byId('chart').classList.toggle('pointing', hover >= 0);
    this.repaint();
  }

  private clicked(x: number, y: number, lon: number, lat: number): void {
    const slot = this.pick(x, y);
    if (this.measure) {
      const i = this.picture.find(slot);
      const at: [number, number] = i >= 0 ? [mercLon(this.picture.xAt(i, this.live.now())), mercLat(this.picture.yAt(i, this.live.now()))]
        : [lon, lat];
      this.measure = !this.measure.from || this.measure.fixed ? { from: at, to: at, fixed: false }
        : { ...this.measure, to: at, fixed: true };
      this.repaint();
    } else if (slot >= 0) {
      this.select(slot, 'stay');
    } else {
      this.selected.clear();
    }
  }

  private askView(): void {
    const b = this.chart.map.getBounds();
    const view: Bbox = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
    const a = this.asked;
    if (a && view[0] >= a[0] && view[1] >= a[1] && view[2] <= a[2] && view[3] <= a[3])
      return;
    /* Half a view of margin, and the centre's own waters always: the list and the search know them whatever is in view. */
    const [w, s, e, n] = this.config.bounds ?? view;
    const [mx, my] = [(view[2] - view[0]) / 2, (view[3] - view[1]) / 2];
    this.asked = [Math.max(-180, Math.min(view[0] - mx, w)), Math.max(-90, Math.min(view[1] - my, s)),
      Math.min(180, Math.max(view[2] + mx, e)), Math.min(90, Math.max(view[3] + my, n))];
    this.stream.view(this.asked);
  }

  private home(): void {
    this.follow = false;
    const { lon, lat, zoom } = this.homeView();
    this.chart.map.jumpTo({ center: [lon, lat], zoom });
  }

  private nearHome(): Bbox {
    const { lon, lat } = this.homeView();
    const [w, s, e, n] = this.config.bounds ?? [lon, lat, lon, lat];
    return [w - 3, s - 2, e + 3, n + 2];
  }

  /* A centre that has not said where it is sees Europe's coasts. */
  private homeView(): { lon: number; lat: number; zoom: number } {
    const { lon, lat, zoom } = this.config.home;
    return lon == null || lat == null ? { lon: 12, lat: 50, zoom: 4 } : { lon, lat, zoom: zoom ?? 9 };
  }

  /* what arrives */

  private arrived(): void {
    this.selected.arrived();
    const s = this.selected.current;
    if (this.follow && s)
      this.chart.map.jumpTo({ center: [s.lon, s.lat] });
    this.repaint();
  }

  private healthArrived(h: Health): void {
    this.live.setHealth(h);
    this.health.update(h);
    const key = h.feeds.map((f) => `${f.feed}=${f.state}`).join();
    if (key !== this.sitesKey) {
      this.sitesKey = key;
      void this.loadSites();
    }
  }

  private async loadSites(): Promise<void> {
    const sites = await getSites().catch((): Collection<Site> | null => null);
    if (!sites)
      return;
    this.chart.setSites(sites);
    this.overlay.setSites(sites);
    this.repaint();
  }

  private staleChanged(stale: boolean): void {
    byId('chart').classList.toggle('is-stale', stale);
    this.repaint();
  }

  private second(): void {
    this.table.update();
    this.card.tick();
    this.alarms.tick();
    let dark = 0;
    let seen = 0;
    for (let i = 0; i < this.picture.n; i++) {
      dark += isDark(this.picture, i) ? 1 : 0;
      seen += this.inView(i) ? 1 : 0;
    }
    const n = this.picture.n;
    byId('counts').replaceChildren(el('b', {}, String(n)), ` ${n === 1 ? text.track : text.tracks}, `, el('b', {}, String(seen)),
      ` ${text.inView}, `, el('b', {}, String(dark)), ` ${text.contacts}`);
    Object.assign(document.documentElement.dataset, { tracks: String(n), stale: String(this.live.stale) });
    if (performance.now() - this.lastPaint > 1500)
      this.repaint();
  }

  /* selection */

  private select(slot: number, how: 'stay' | 'show' | 'centre'): void {
    this.selected.select(slot);
    const i = this.picture.find(slot);
    if (i < 0 || how === 'stay' || (how === 'show' && this.inView(i)))
      return;
    this.chart.map.easeTo({ center: [mercLon(this.picture.x[i]), mercLat(this.picture.y[i])], duration: this.still() ? 0 : 350 });
  }

  private still(): boolean {
    return this.overlay.reducedMotion;
  }

  private selectionChanged(): void {
    this.linkChanged();
    this.repaint();
  }

  private centreSelected(): void {
    const s = this.selected.current;
    if (s)
      this.chart.map.easeTo({ center: [s.lon, s.lat], duration: this.still() ? 0 : 350 });
  }

  private toggleFollow(): void {
    this.follow = !this.follow && this.selected.current !== null;
    setText(byId('polite'), this.follow ? 'Following' : 'Not following');
    this.arrived();
  }

  private showAlarm(a: Alarm): void {
    const i = a.slot == null ? -1 : this.picture.find(a.slot);
    if (i >= 0)
      this.selected.select(this.picture.slot[i]);
    const at = i >= 0 ? [mercLon(this.picture.x[i]), mercLat(this.picture.y[i])] as [number, number]
      : a.lon != null && a.lat != null ? [a.lon, a.lat] as [number, number] : null;
    if (at)
      this.chart.map.easeTo({ center: at, zoom: Math.max(this.chart.map.getZoom(), 11), duration: this.still() ? 0 : 350 });
  }

  private escape(): void {
    if (this.measure)
      this.toggleMeasure();
    else
      this.selected.clear();
  }

  /* tools */

  private toggleMeasure(): void {
    this.measure = this.measure ? null : { from: null, to: null, fixed: false };
    byId('chart').classList.toggle('measuring', this.measure !== null);
    byId('hint').hidden = this.measure === null;
    setText(byId('hint'), text.measureHint);
    this.toolbar.update();
    this.repaint();
  }

  private nextVectors(): void {
    const at = VECTOR_MINUTES.indexOf(this.layer.ahead_ms / 60_000);
    const minutes = VECTOR_MINUTES[(at + 1) % VECTOR_MINUTES.length];
    this.layer.ahead_ms = minutes * 60_000;
    setText(byId('polite'), minutes ? `${text.vector} ${minutes} min` : `${text.vector}: –`);
    this.toolbar.update();
    this.repaint();
  }

  private toggleCoverage(): void {
    this.coverage = !this.coverage;
    this.chart.setCoverageVisible(this.coverage);
    this.toolbar.update();
    this.repaint();
  }

  private filterChanged(): void {
    const f = this.table.filter;
    this.layer.dim = f === 'dark' || f === 'foreign' ? (i) => !this.table.matches(i) : null;
    this.layer.invalidate();
  }

  /* the link */

  private linkChanged(): void {
    const c = this.chart.map.getCenter();
    history.replaceState(null, '', writeHash({ zoom: this.chart.map.getZoom(), lat: c.lat, lon: c.lng,
      track: this.selected.current?.id ?? this.place.track ?? null, palette: this.paletteName }));
    delete this.place.track;
  }

  private followLink(): void {
    const place = readHash(location.hash);
    if (place.lat !== undefined)
      this.chart.map.jumpTo({ center: [place.lon!, place.lat], zoom: place.zoom! });
    if (place.palette && place.palette !== this.paletteName)
      this.setPalette(place.palette);
    if (place.track)
      this.selected.want(place.track);
  }
}


/* The hub may be starting: ask until it answers. */
async function boot(): Promise<void> {
  for (;;) {
    try {
      const config = await getConfig();
      const app = new App(config);
      Object.assign(window, { vedette: app });
      return;
    } catch (e) {
      if (!(e instanceof TypeError) && !(e instanceof Error && e.message.includes('HTTP')))
        throw e;
      setText(byId('liveness-text'), text.connecting);
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  }
}

applyPalette(readHash(location.hash).palette ?? 'day');
void boot();

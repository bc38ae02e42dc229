/*
 * overlay - the 2D canvas over the map: chart frame, names, holes in the cover, and what belongs to single tracks
 * (labels, selection, trail, ellipse, distress rings, measuring). The system's font, so no glyph files.
 */

import type { Collection, Ellipse, Section, Site, TrailPoint } from './api';
import { graticuleStep, siteRing } from './chart';
import type { Alarm } from './frame';
import { inverse, mercPerMetre, offset } from './geo';
import { course, latText, lonText, range } from './format';
import { Labels } from './labels';
import type { Palette } from './palette';
import type { Picture } from './picture';
import type { Projection } from './project';
import { text } from './text';

export interface PlaceName {
  name: string;
  kind: 'water' | 'island' | 'town';
  lon: number;
  lat: number;
  zoom: number;
}

export interface Selection {
  id: string;
  slot: number;
  trail: TrailPoint[];
  ellipse: Ellipse | null;
  lon: number;
  lat: number;
  time_ms: number;
}

export interface Measure {
  from: [number, number] | null;
  to: [number, number] | null;
  fixed: boolean;
}

export interface Scene {
  now: number;
  zoom: number;
  moving: boolean;
  stale: boolean;
  selection: Selection | null;
  hover: number;
  alarms: Alarm[];
  measure: Measure | null;
  labels: boolean;
  coverage: boolean;
  dim: ((i: number) => boolean) | null;
}

export const FONT = '"Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", "Liberation Sans", Arial, system-ui, sans-serif';
const BAND = 6; /* the chart frame's width, px */

export class Overlay {
  private readonly g: CanvasRenderingContext2D;
  private readonly hatch = document.createElement('canvas');
  private readonly holes = document.createElement('canvas');
  private readonly labels: Labels;
  private holesKey = '';
  private sites: Collection<Site> = { type: 'FeatureCollection', features: [] };
  private sectionNames: { name: string; lon: number; lat: number }[] = [];
  names: PlaceName[] = [];
  reducedMotion = matchMedia('(prefers-reduced-motion: reduce)').matches;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly p: Projection, private readonly picture: Picture,
    private colours: Palette) {
    this.g = canvas.getContext('2d')!;
    this.labels = new Labels(this.g, p, picture);
  }

  setPalette(p: Palette): void {
    this.colours = p;
    this.holesKey = '';
  }

  setSites(sites: Collection<Site>): void {
    this.sites = sites;
    this.holesKey = '';
  }

  setSections(sections: Collection<Section>): void {
    this.sectionNames = sections.features.flatMap((f) => {
      const at = f.properties.name ? middle(f.geometry) : null;
      return at ? [{ name: f.properties.name!, lon: at[0], lat: at[1] }] : [];
    });
  }

  draw(scene: Scene): void {
    const ratio = devicePixelRatio;
    const [w, h] = [Math.round(this.p.width * ratio), Math.round(this.p.height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.holesKey = '';
    }
    const g = this.g;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, this.p.width, this.p.height);
    this.drawHoles(ratio);
    this.drawNames(scene.zoom);
    this.drawSites(scene);
    if (scene.selection)
      this.drawSelection(scene, scene.selection);
    this.drawDistress(scene);
    this.labels.draw(scene, this.colours);
    if (scene.measure)
      this.drawMeasure(scene.measure);
    this.drawFrame();
  }

  /* Where a sensor that is down was the only one: hatched, so that no vessels there does not read as no vessels. */
  private drawHoles(ratio: number): void {
    const dead = this.sites.features.filter((s) => isDead(s) && siteRing(s));
    if (!dead.length)
      return;
    const key = [this.p.px(0), this.p.py(0), this.p.scale, this.p.width, this.p.height].join();
    if (key !== this.holesKey) {
      this.holesKey = key;
      this.holes.width = this.canvas.width;
      this.holes.height = this.canvas.height;
      const g = this.holes.getContext('2d')!;
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      g.fillStyle = this.hatching(g, ratio);
      dead.forEach((s) => this.fillSite(g, s));
      g.globalCompositeOperation = 'destination-out';
      g.fillStyle = '#000';
      this.sites.features.filter((s) => !isDead(s) && covers(s)).forEach((s) => this.fillSite(g, s));
    }
    this.g.drawImage(this.holes, 0, 0, this.p.width, this.p.height);
    for (const s of dead) {
      const [lon, lat] = s.geometry.coordinates;
      const out = s.properties.view == null ? 0 : (s.properties.range ?? 0) * 0.62;
      const [x, y] = this.p.at(...offset(lat, lon, out, s.properties.view ?? 0));
      this.word(`${text.hole}: ${s.properties.feed}`, x, y + 22, `600 12px ${FONT}`, this.colours.hole, 'center');
    }
  }

  private fillSite(g: CanvasRenderingContext2D, s: Site): void {
    g.beginPath();
    for (const point of siteRing(s) ?? [])
      g.lineTo(...this.p.at(...point));
    g.fill();
  }

  private hatching(g: CanvasRenderingContext2D, ratio: number): CanvasPattern {
    const size = 9;
    this.hatch.width = this.hatch.height = size * ratio;
    const h = this.hatch.getContext('2d')!;
    h.scale(ratio, ratio);
    h.strokeStyle = this.colours.hole;
    h.globalAlpha = 0.38;
    h.lineWidth = 1.1;
    for (const shift of [-size, 0, size]) {
      h.beginPath();
      h.moveTo(shift, size);
      h.lineTo(shift + size, 0);
      h.stroke();
    }
    const pattern = g.createPattern(this.hatch, 'repeat')!;
    pattern.setTransform(new DOMMatrix().scale(1 / ratio));
    return pattern;
  }

  private word(s: string, x: number, y: number, font: string, colour: string, align: CanvasTextAlign, halo = 3): void {
    const g = this.g;
    g.font = font;
    g.textAlign = align;
    g.textBaseline = 'middle';
    if (halo) {
      g.lineJoin = 'round';
      g.lineWidth = halo;
      g.strokeStyle = this.colours.halo;
      g.strokeText(s, x, y);
    }
    g.fillStyle = colour;
    g.fillText(s, x, y);
  }

  private drawNames(zoom: number): void {
    const g = this.g;
    for (const n of this.names) {
      const [x, y] = this.p.at(n.lon, n.lat);
      if (zoom < n.zoom || !this.p.inside(x, y, 80))
        continue;
      if (n.kind === 'town') {
        g.fillStyle = this.colours.place;
        g.beginPath();
        g.arc(x, y, 2, 0, 7);
        g.fill();
        this.word(n.name, x + 6, y, `400 11px ${FONT}`, this.colours.place, 'left', 0);
      } else {
        g.letterSpacing = n.kind === 'water' ? '2px' : '3px';
        const look = n.kind === 'water' ? `italic 400 13px ${FONT}` : `500 11px ${FONT}`;
        this.word(n.kind === 'water' ? n.name : n.name.toUpperCase(), x, y, look,
          n.kind === 'water' ? this.colours.water : this.colours.place, 'center', 0);
        g.letterSpacing = '0px';
      }
    }
    if (zoom > 7.5)
      for (const s of this.sectionNames) {
        const [x, y] = this.p.at(s.lon, s.lat);
        g.letterSpacing = '1px';
        this.word(s.name, x, y, `500 11px ${FONT}`, this.colours.waters, 'center', 0);
        g.letterSpacing = '0px';
      }
  }

  private drawSites(scene: Scene): void {
    const g = this.g;
    for (const s of this.sites.features) {
      const [x, y] = this.p.at(...s.geometry.coordinates);
      if (!this.p.inside(x, y, 20) || (!scene.coverage && !isDead(s)))
        continue;
      const colour = isDead(s) ? this.colours.hole : this.colours.coverage;
      g.fillStyle = this.colours.halo;
      g.strokeStyle = colour;
      g.lineWidth = 1.5;
      g.beginPath();
      if (s.properties.sensor === 'camera') {
        g.rect(x - 4, y - 4, 8, 8);
      } else {
        g.moveTo(x, y - 6);
        g.lineTo(x + 5, y + 4);
        g.lineTo(x - 5, y + 4);
        g.closePath();
      }
      g.fill();
      g.stroke();
      if (scene.zoom > 9.5 && !isDead(s))
        this.word(s.properties.feed, x - 9, y, `400 10px ${FONT}`, colour, 'right', 2.5);
    }
  }

  private drawSelection(scene: Scene, s: Selection): void {
    const g = this.g;
    const i = this.picture.find(s.slot);
    const [x, y] = i >= 0
      ? [this.p.px(this.picture.xAt(i, scene.now)), this.p.py(this.picture.yAt(i, scene.now))]
      : this.p.at(s.lon, s.lat);
    if (s.trail.length) {
      const points = s.trail.map(([, lat, lon]) => this.p.at(lon, lat));
      points.push([x, y]);
      g.lineJoin = 'round';
      g.strokeStyle = this.colours.accent;
      g.lineWidth = 1.6;
      for (let k = 1; k < points.length; k++) {
        g.globalAlpha = 0.15 + 0.75 * (k / points.length);
        g.beginPath();
        g.moveTo(...points[k - 1]);
        g.lineTo(...points[k]);
        g.stroke();
      }
      g.globalAlpha = 1;
    }
    if (s.ellipse)
      this.drawEllipse(s.ellipse, x, y);
    g.strokeStyle = this.colours.ink;
    g.lineWidth = 2;
    const [r, l] = [17, 6];
    for (const [sx, sy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
      g.beginPath();
      g.moveTo(x + sx * r, y + sy * (r - l));
      g.lineTo(x + sx * r, y + sy * r);
      g.lineTo(x + sx * (r - l), y + sy * r);
      g.stroke();
    }
  }

  private drawEllipse(e: Ellipse, x: number, y: number): void {
    const g = this.g;
    const px = mercPerMetre(this.p.lat(y)) * this.p.scale;
    g.beginPath();
    g.ellipse(x, y, Math.max(e.major * px, 1), Math.max(e.minor * px, 1), ((e.angle - 90) * Math.PI) / 180, 0, 7);
    g.fillStyle = this.colours.accent;
    g.globalAlpha = 0.14;
    g.fill();
    g.globalAlpha = 1;
    g.strokeStyle = this.colours.accent;
    g.lineWidth = 1.2;
    g.setLineDash([3, 2]);
    g.stroke();
    g.setLineDash([]);
  }

  /* Rings that grow until someone acknowledges; two still rings where motion is not wanted. */
  private drawDistress(scene: Scene): void {
    const g = this.g;
    for (const a of scene.alarms) {
      const i = a.slot == null ? -1 : this.picture.find(a.slot);
      if (i < 0 && (a.lat == null || a.lon == null))
        continue;
      const [x, y] = i >= 0
        ? [this.p.px(this.picture.xAt(i, scene.now)), this.p.py(this.picture.yAt(i, scene.now))]
        : this.p.at(a.lon!, a.lat!);
      g.strokeStyle = a.test ? this.colours.soft : this.colours.alarm;
      const phase = a.ack || a.test || this.reducedMotion || scene.stale ? 0.5 : (performance.now() / 1600) % 1;
      for (const f of a.ack ? [0.35] : [phase, (phase + 0.5) % 1]) {
        g.globalAlpha = a.ack ? 0.9 : 1 - f * 0.85;
        g.lineWidth = a.ack ? 1.5 : 2.5;
        g.beginPath();
        g.arc(x, y, 13 + f * 26, 0, 7);
        g.stroke();
      }
      g.globalAlpha = 1;
    }
  }

  private drawMeasure(m: Measure): void {
    if (!m.from || !m.to)
      return;
    const g = this.g;
    const [x1, y1] = this.p.at(...m.from);
    const [x2, y2] = this.p.at(...m.to);
    g.strokeStyle = this.colours.ink;
    g.fillStyle = this.colours.ink;
    g.lineWidth = 1.5;
    g.setLineDash([7, 3]);
    g.beginPath();
    g.moveTo(x1, y1);
    g.lineTo(x2, y2);
    g.stroke();
    g.setLineDash([]);
    for (const [x, y] of [[x1, y1], [x2, y2]]) {
      g.beginPath();
      g.arc(x, y, 3, 0, 7);
      g.fill();
    }
    const line = inverse(m.from[1], m.from[0], m.to[1], m.to[0]);
    this.plate(`${range(line.range_m)}   ${course(line.bearing_deg)} T`, x2 + 14, y2 - 16);
  }

  private plate(s: string, x: number, y: number): void {
    const g = this.g;
    g.font = `600 13px ${FONT}`;
    const w = g.measureText(s).width + 16;
    const left = Math.min(x, this.p.width - w - 14);
    g.fillStyle = this.colours.raised;
    g.strokeStyle = this.colours.line;
    g.lineWidth = 1;
    g.beginPath();
    g.roundRect(left, y - 12, w, 24, 4);
    g.fill();
    g.stroke();
    this.word(s, left + 8, y + 0.5, g.font, this.colours.ink, 'left', 0);
  }

  /* A chart's frame: alternating segments and the graticule's figures along the edges. */
  private drawFrame(): void {
    const { width: w, height: h } = this.p;
    const g = this.g;
    g.fillStyle = this.colours.frame;
    g.fillRect(0, 0, w, BAND);
    g.fillRect(0, h - BAND, w, BAND);
    g.fillRect(0, 0, BAND, h);
    g.fillRect(w - BAND, 0, BAND, h);
    const [west, east, south, north] = [this.p.lon(0), this.p.lon(w), this.p.lat(h), this.p.lat(0)];
    const step = graticuleStep(w / (east - west)) / 60;
    const fine = step / 5;
    g.fillStyle = this.colours.frameInk;
    const inset = 1.5;
    for (let k = Math.floor(west / fine); k * fine < east; k++)
      if (k % 2 === 0) {
        const [a, b] = [this.p.at(k * fine, 0)[0], this.p.at((k + 1) * fine, 0)[0]];
        const x = Math.max(a, BAND);
        const len = Math.min(b, w - BAND) - x;
        if (len <= 0)
          continue;
        g.fillRect(x, inset, len, BAND - 2 * inset);
        g.fillRect(x, h - BAND + inset, len, BAND - 2 * inset);
      }
    for (let k = Math.floor(south / fine); k * fine < north; k++)
      if (k % 2 === 0) {
        const [b, a] = [this.p.at(0, k * fine)[1], this.p.at(0, (k + 1) * fine)[1]];
        const y = Math.max(a, BAND);
        const len = Math.min(b, h - BAND) - y;
        if (len <= 0)
          continue;
        g.fillRect(inset, y, BAND - 2 * inset, len);
        g.fillRect(w - BAND + inset, y, BAND - 2 * inset, len);
      }
    this.frameFigures(step, west, east, south, north);
  }

  private frameFigures(step: number, west: number, east: number, south: number, north: number): void {
    const { width: w, height: h } = this.p;
    const font = `400 11px ${FONT}`;
    for (let k = Math.ceil(west / step); k * step < east; k++) {
      const x = this.p.at(k * step, 0)[0];
      if (x > 60 && x < w - 60)
        this.word(lonText(k * step, 0), x + 4, BAND + 9, font, this.colours.frameInk, 'left', 2.5);
    }
    for (let k = Math.ceil(south / step); k * step < north; k++) {
      const y = this.p.at(0, k * step)[1];
      if (y > 40 && y < h - 30)
        this.word(latText(k * step, 0), w - BAND - 4, y - 8, font, this.colours.frameInk, 'right', 2.5);
    }
  }
}

function isDead(s: Site): boolean {
  return s.properties.state === 'down' || s.properties.state === 'blind';
}

/* AIS hears only who wants to be heard: it does not close a hole in the radar cover. */
function covers(s: Site): boolean {
  return s.properties.sensor === 'radar';
}

/* The middle of a geometry's box. */
function middle(geometry: GeoJSON.Geometry): [number, number] | null {
  if (!('coordinates' in geometry))
    return null;
  const flat = (geometry.coordinates as unknown[]).flat(Infinity) as number[];
  if (flat.length < 2)
    return null;
  const lons = flat.filter((_, k) => k % 2 === 0);
  const lats = flat.filter((_, k) => k % 2 === 1);
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}


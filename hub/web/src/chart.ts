/*
 * chart - the map under the tracks: Natural Earth coast, graticule, sections, coverage. North is always up.
 *
 * The style is small on purpose: in software GL every layer costs milliseconds a frame. No glyphs, no sprites, no request
 * beyond our own origin. Words on the chart are the overlay's.
 */

import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl';
import type { Collection, Section, Site } from './api';
import { sector } from './geo';
import type { Palette } from './palette';
import type { Bbox } from './stream';

const empty = (): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features: [] });

function style(p: Palette): StyleSpecification {
  const geojson = (data: GeoJSON.FeatureCollection) => ({ type: 'geojson' as const, data, tolerance: 0.2 });
  const is = (kind: string): ['==', ['get', string], string] => ['==', ['get', 'kind'], kind];
  return {
    version: 8,
    sources: {
      land: { ...geojson(empty()), maxzoom: 12 },
      graticule: geojson(empty()),
      sections: geojson(empty()),
      coverage: geojson(empty()),
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': p.sea } },
      { id: 'waters-fill', type: 'fill', source: 'sections', filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': p.watersFill, 'fill-opacity': 0.045, 'fill-antialias': false } },
      { id: 'graticule', type: 'line', source: 'graticule', paint: { 'line-color': p.graticule, 'line-width': 0.8 } },
      { id: 'coverage', type: 'line', source: 'coverage', filter: is('up'),
        paint: { 'line-color': p.coverage, 'line-width': 1, 'line-opacity': 0.65, 'line-dasharray': [1, 3] } },
      { id: 'wedge', type: 'fill', source: 'coverage', filter: is('wedge'),
        paint: { 'fill-color': p.coverage, 'fill-opacity': 0.1, 'fill-antialias': false } },
      { id: 'down', type: 'line', source: 'coverage', filter: is('down'),
        paint: { 'line-color': p.hole, 'line-width': 1.6, 'line-dasharray': [4, 3] } },
      { id: 'land', type: 'fill', source: 'land', filter: ['in', ['get', 'kind'], ['literal', ['land', 'far']]],
        paint: { 'fill-color': p.land, 'fill-antialias': false } },
      { id: 'border', type: 'line', source: 'land', filter: is('border'),
        paint: { 'line-color': p.border, 'line-width': 1, 'line-dasharray': [5, 2, 1, 2] } },
      { id: 'coast', type: 'line', source: 'land', filter: is('coast'), layout: { 'line-join': 'round' },
        paint: { 'line-color': p.coast, 'line-width': ['interpolate', ['linear'], ['zoom'], 5, 0.5, 9, 1.1, 13, 1.6] } },
      { id: 'waters', type: 'line', source: 'sections',
        paint: { 'line-color': p.waters, 'line-width': 1.3, 'line-dasharray': [6, 2, 1.5, 2] } },
    ],
  };
}

/* What each layer takes from the palette, for a change without a new style. */
const COLOURS: [layer: string, property: string, key: 'sea' | 'watersFill' | 'graticule' | 'coverage' | 'hole' | 'land' |
  'border' | 'coast' | 'waters'][] = [
  ['sea', 'background-color', 'sea'], ['waters-fill', 'fill-color', 'watersFill'], ['graticule', 'line-color', 'graticule'],
  ['coverage', 'line-color', 'coverage'], ['wedge', 'fill-color', 'coverage'], ['down', 'line-color', 'hole'],
  ['land', 'fill-color', 'land'], ['border', 'line-color', 'border'], ['coast', 'line-color', 'coast'],
  ['waters', 'line-color', 'waters'],
];

/* Minutes between graticule lines, the widest first: as many as give lines at least 110 px apart. */
const STEPS_MIN = [1200, 600, 300, 120, 60, 30, 20, 10, 5, 2, 1];

export function graticuleStep(pxPerDegree: number): number {
  let step = STEPS_MIN[0];
  for (const s of STEPS_MIN)
    if ((s / 60) * pxPerDegree >= 110)
      step = s;
  return step;
}

/*
 * Natural Earth at 1:10m has a vertex a kilometre: near home, where one looks closely, corners are cut (Chaikin 1974, three times). It
 * moves the coast by less than the source's own error, and it is not for navigation either way.
 */
function smooth(land: GeoJSON.FeatureCollection, [w, s, e, n]: Bbox): void {
  const box = land.bbox as Bbox;
  const near = ([x, y]: GeoJSON.Position) => x > w && x < e && y > s && y < n;
  const cut = (ring: GeoJSON.Position[]): GeoJSON.Position[] => {
    const out: GeoJSON.Position[] = [];
    for (let k = 0; k + 1 < ring.length; k++) {
      const [a, b] = [ring[k], ring[k + 1]];
      if (!near(a) || !near(b) || onEdge(a, b, box))
        out.push(a, b);
      else
        out.push([a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25], [a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75]);
    }
    out.push(out[0]);
    return out;
  };
  for (const { properties, geometry } of land.features)
    if (properties?.kind === 'land' && geometry.type === 'MultiPolygon')
      geometry.coordinates = geometry.coordinates.map((rings) => rings.map((ring) => (ring.some(near) ? cut(cut(cut(ring))) : ring)));
}

/* The edge of what a sensor covers, closed; null where the hub does not know it. */
export function siteRing(site: Site): [number, number][] | null {
  const s = site.properties;
  if (s.coverage?.coordinates[0])
    return s.coverage.coordinates[0];
  if (!s.range)
    return null;
  const [lon, lat] = site.geometry.coordinates;
  return sector(lat, lon, s.range, s.view ?? 0, s.view_width ?? 360);
}

/* Both ends on one side of the box that cut the land. */
function onEdge(a: GeoJSON.Position, b: GeoJSON.Position, [w, s, e, n]: Bbox): boolean {
  return (a[0] === b[0] && (a[0] === w || a[0] === e)) || (a[1] === b[1] && (a[1] === s || a[1] === n));
}

/* The land's edges but where the region's box cut it. */
function coastOf(land: GeoJSON.FeatureCollection): GeoJSON.Position[][] {
  const box = land.bbox as Bbox;
  const lines: GeoJSON.Position[][] = [];
  for (const { properties, geometry } of land.features) {
    if (properties?.kind !== 'land' || geometry.type !== 'MultiPolygon')
      continue;
    for (const ring of geometry.coordinates.flat()) {
      let line: GeoJSON.Position[] = [];
      ring.forEach((p, k) => {
        if (k && onEdge(ring[k - 1], p, box)) {
          lines.push(line);
          line = [];
        }
        line.push(p);
      });
      lines.push(line);
    }
  }
  return lines.filter((l) => l.length > 1);
}

export class Chart {
  readonly map: MapLibre;
  private graticuleKey = '';
  landed = false; /* the land is in its source */
  private ready = false;
  private readonly waiting: (() => void)[] = [];

  constructor(container: HTMLElement, p: Palette, view: { lon: number; lat: number; zoom: number }) {
    setWorkerUrl(new URL('map-worker.js', location.href).href);
    this.map = new MapLibre({
      container, style: style(p), center: [view.lon, view.lat], zoom: view.zoom, minZoom: 3, maxZoom: 17,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0,
      renderWorldCopies: false, keyboard: false, boxZoom: false, canvasContextAttributes: { antialias: false },
      validateStyle: false,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.on('load', () => {
      this.ready = true;
      this.waiting.splice(0).forEach((f) => f());
      this.drawGraticule();
    });
    this.map.on('moveend', () => this.whenReady(() => this.drawGraticule()));
  }

  whenReady(f: () => void): void {
    if (this.ready)
      f();
    else
      this.waiting.push(f);
  }

  setPalette(p: Palette): void {
    this.whenReady(() => {
      for (const [layer, property, key] of COLOURS)
        this.map.setPaintProperty(layer, property as 'line-color', p[key]);
    });
  }

  setSections(sections: Collection<Section>): void {
    this.set('sections', sections as GeoJSON.FeatureCollection);
  }

  setSites(sites: Collection<Site>): void {
    const features: GeoJSON.Feature[] = [];
    for (const { geometry, properties: s } of sites.features) {
      const ring = siteRing({ type: 'Feature', geometry, properties: s });
      if (!ring)
        continue;
      const dead = s.state === 'down' || s.state === 'blind';
      features.push({ type: 'Feature', properties: { kind: dead ? 'down' : 'up' },
        geometry: { type: 'LineString', coordinates: ring } });
      if (s.view_width != null && !dead)
        features.push({ type: 'Feature', properties: { kind: 'wedge' }, geometry: { type: 'Polygon', coordinates: [ring] } });
    }
    this.set('coverage', { type: 'FeatureCollection', features });
  }

  setCoverageVisible(on: boolean): void {
    this.whenReady(() => {
      for (const id of ['coverage', 'wedge'])
        this.map.setLayoutProperty(id, 'visibility', on ? 'visible' : 'none');
    });
  }

  async loadLand(near: Bbox): Promise<void> {
    const response = await fetch('land.json');
    const land = (await response.json()) as GeoJSON.FeatureCollection;
    smooth(land, near);
    land.features.push({ type: 'Feature', properties: { kind: 'coast' },
      geometry: { type: 'MultiLineString', coordinates: coastOf(land) } });
    this.set('land', land);
    this.landed = true;
  }

  private set(source: string, data: GeoJSON.FeatureCollection): void {
    this.whenReady(() => void (this.map.getSource(source) as GeoJSONSource).setData(data));
  }

  private drawGraticule(): void {
    const b = this.map.getBounds();
    const pxPerDegree = this.map.getContainer().clientWidth / (b.getEast() - b.getWest());
    const step = graticuleStep(pxPerDegree) / 60;
    const w = Math.max(-180, (Math.floor(b.getWest() / step) - 4) * step);
    const e = Math.min(180, (Math.ceil(b.getEast() / step) + 4) * step);
    const s = Math.max(-84, (Math.floor(b.getSouth() / step) - 4) * step);
    const n = Math.min(84, (Math.ceil(b.getNorth() / step) + 4) * step);
    const key = [step, w, e, s, n].map((v) => v.toFixed(3)).join();
    if (key === this.graticuleKey)
      return;
    this.graticuleKey = key;
    const lines: [number, number][][] = [];
    for (let lon = w; lon <= e + 1e-9; lon += step)
      lines.push([[lon, s], [lon, n]]);
    for (let lat = s; lat <= n + 1e-9; lat += step)
      lines.push([[w, lat], [e, lat]]);
    this.set('graticule', { type: 'FeatureCollection', features: [{ type: 'Feature', properties: {},
      geometry: { type: 'MultiLineString', coordinates: lines } }] });
  }
}

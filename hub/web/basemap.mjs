/*
 * basemap - Natural Earth (npm world-atlas, public domain) to the chart's GeoJSON, at build time.
 *
 * 1:10m inside the region (land, coast line, land borders), 1:110m land outside it, so that a view zoomed out is not
 * empty. Coordinates to 1e-4 degree: finer than the source's grid.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const round = (v) => Math.round(v * 1e4) / 1e4;

/* Sutherland-Hodgman against one side of the box: keep the points where f >= 0. */
function clipSide(ring, f, cut) {
  const out = [];
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i];
    const b = ring[(i + 1) % ring.length];
    const [fa, fb] = [f(a), f(b)];
    if (fa >= 0)
      out.push(a);
    if (fa >= 0 !== fb >= 0)
      out.push(cut(a, b, fa / (fa - fb)));
  }
  return out;
}

const between = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];

function clipRing(ring, [w, s, e, n]) {
  let open = ring.slice(0, -1);
  for (const f of [(p) => p[0] - w, (p) => e - p[0], (p) => p[1] - s, (p) => n - p[1]]) {
    open = clipSide(open, f, between);
    if (open.length < 3)
      return null;
  }
  return tidy([...open, open[0]]);
}

/* The pieces of a line inside the box (Liang-Barsky per segment): borders. The coast is cut from the land by the viewer. */
function clipLine(line, [w, s, e, n]) {
  const pieces = [];
  let piece = [];
  for (let i = 0; i + 1 < line.length; i++) {
    const [a, b] = [line[i], line[i + 1]];
    let [t0, t1] = [0, 1];
    for (const [p, q] of [[a[0] - b[0], a[0] - w], [b[0] - a[0], e - a[0]], [a[1] - b[1], a[1] - s], [b[1] - a[1], n - a[1]]]) {
      if (p === 0 && q < 0)
        t1 = -1;
      else if (p < 0)
        t0 = Math.max(t0, q / p);
      else if (p > 0)
        t1 = Math.min(t1, q / p);
    }
    if (t0 > t1) {
      pieces.push(piece);
      piece = [];
      continue;
    }
    if (!piece.length || t0 > 0) {
      pieces.push(piece);
      piece = [between(a, b, t0)];
    }
    piece.push(between(a, b, t1));
  }
  pieces.push(piece);
  return pieces.map(tidy).filter((p) => p.length > 1);
}

function tidy(points) {
  const out = [];
  for (const p of points) {
    const q = [round(p[0]), round(p[1])];
    const last = out[out.length - 1];
    if (!last || last[0] !== q[0] || last[1] !== q[1])
      out.push(q);
  }
  return out;
}

function polygonsOf(collection) {
  return collection.features.flatMap(({ geometry: g }) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates));
}

function clipPolygons(polygons, box) {
  return polygons
    .map((rings) => rings.map((r) => clipRing(r, box)).filter((r) => r && r.length > 3))
    .filter((rings) => rings.length);
}

function outside([w, s, e, n]) {
  return [[-180, -85, w, 85], [e, -85, 180, 85], [w, -85, e, s], [w, n, e, 85]];
}

export function basemap(atlas, topojson, region) {
  const read = (name) => JSON.parse(readFileSync(join(atlas, name), 'utf8'));
  const land10 = read('land-10m.json');
  const land110 = read('land-110m.json');
  const countries = read('countries-10m.json');
  const fine = polygonsOf(topojson.feature(land10, land10.objects.land));
  const coarse = polygonsOf(topojson.feature(land110, land110.objects.land));
  const borders = topojson.mesh(countries, countries.objects.countries, (a, b) => a !== b).coordinates;
  const feature = (kind, type, coordinates) => ({ type: 'Feature', properties: { kind }, geometry: { type, coordinates } });
  return {
    type: 'FeatureCollection',
    bbox: region,
    features: [
      feature('far', 'MultiPolygon', outside(region).flatMap((box) => clipPolygons(coarse, box))),
      feature('land', 'MultiPolygon', clipPolygons(fine, region)),
      feature('border', 'MultiLineString', borders.flatMap((line) => clipLine(line, region))),
    ],
  };
}

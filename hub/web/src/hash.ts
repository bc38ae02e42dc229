/* hash - the link to what is on screen: #zoom/lat/lon&t=TRACK&p=PALETTE. */

import { PALETTES, type PaletteName } from './palette';

export interface Place {
  zoom?: number;
  lat?: number;
  lon?: number;
  track?: string;
  palette?: PaletteName;
}

export function readHash(hash: string): Place {
  const place: Place = {};
  for (const part of hash.replace(/^#/, '').split('&')) {
    const [key, value] = part.split('=');
    if (value === undefined) {
      const [zoom, lat, lon] = part.split('/').map(Number);
      if ([zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180)
        Object.assign(place, { zoom: Math.min(Math.max(zoom, 3), 17), lat, lon });
    } else if (key === 't') {
      place.track = decodeURIComponent(value);
    } else if (key === 'p' && PALETTES.includes(value as PaletteName)) {
      place.palette = value as PaletteName;
    }
  }
  return place;
}

export function writeHash(place: Required<Omit<Place, 'track'>> & { track: string | null }): string {
  const view = `${place.zoom.toFixed(2)}/${place.lat.toFixed(4)}/${place.lon.toFixed(4)}`;
  const track = place.track ? `&t=${encodeURIComponent(place.track)}` : '';
  return `#${view}${track}&p=${place.palette}`;
}

/* project - Mercator to pixels of the map's container. North-up and flat, so it is a scale and a shift. */

import type { Map as MapLibre } from 'maplibre-gl';
import { mercLat, mercLon, mercX, mercY } from './geo';

const TILE = 512; /* MapLibre's world is 512 px at zoom 0 */

export class Projection {
  width = 0;
  height = 0;
  scale = 1; /* px per Mercator unit */
  private x0 = 0;
  private y0 = 0;

  update(map: MapLibre): void {
    const container = map.getContainer();
    const c = map.getCenter();
    this.width = container.clientWidth;
    this.height = container.clientHeight;
    this.scale = TILE * 2 ** map.getZoom();
    this.x0 = mercX(c.lng) - this.width / 2 / this.scale;
    this.y0 = mercY(c.lat) - this.height / 2 / this.scale;
  }

  px(x: number): number {
    return (x - this.x0) * this.scale;
  }

  py(y: number): number {
    return (y - this.y0) * this.scale;
  }

  at(lon: number, lat: number): [number, number] {
    return [this.px(mercX(lon)), this.py(mercY(lat))];
  }

  lon(px: number): number {
    return mercLon(this.x0 + px / this.scale);
  }

  lat(py: number): number {
    return mercLat(this.y0 + py / this.scale);
  }

  inside(x: number, y: number, margin = 0): boolean {
    return x >= -margin && y >= -margin && x <= this.width + margin && y <= this.height + margin;
  }
}

/*
 * geo - degrees, Mercator and geodesics on WGS 84.
 *
 * Mercator here is the web map's: x, y in 0..1, north up is y = 0. Angles in degrees, lengths in metres.
 */

export const WGS84_A = 6378137;
export const WGS84_F = 1 / 298.257223563;
const WGS84_B = WGS84_A * (1 - WGS84_F);
export const NM = 1852; /* the international nautical mile, exact */
export const KNOT_MPS = 1852 / 3600;
const RAD = Math.PI / 180;

export function mercX(lon: number): number {
  return (lon + 180) / 360;
}

export function mercY(lat: number): number {
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * RAD) / 2)) / (2 * Math.PI);
}

export function mercLon(x: number): number {
  return x * 360 - 180;
}

export function mercLat(y: number): number {
  return Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) / RAD;
}

/* Mercator units per metre at a latitude. */
export function mercPerMetre(lat: number): number {
  return 1 / (2 * Math.PI * WGS84_A * Math.cos(lat * RAD));
}

export interface Line {
  range_m: number;
  bearing_deg: number;
}

/*
 * Range and initial bearing. Source: Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid",
 * Survey Review XXIII (1975), inverse method; nearly antipodal points, where it does not converge, give NaN.
 */
export function inverse(lat1: number, lon1: number, lat2: number, lon2: number): Line {
  const L = (lon2 - lon1) * RAD;
  const U1 = Math.atan((1 - WGS84_F) * Math.tan(lat1 * RAD));
  const U2 = Math.atan((1 - WGS84_F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(U1), Math.cos(U1), Math.sin(U2), Math.cos(U2)];
  let lambda = L;
  for (let i = 0; i < 100; i++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinSigma === 0)
      return { range_m: 0, bearing_deg: 0 };
    const cosSigma = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    const cos2m = cos2Alpha === 0 ? 0 : cosSigma - (2 * s1 * s2) / cos2Alpha;
    const C = (WGS84_F / 16) * cos2Alpha * (4 + WGS84_F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda = L + (1 - C) * WGS84_F * sinAlpha *
      (sigma + C * sinSigma * (cos2m + C * cosSigma * (2 * cos2m * cos2m - 1)));
    if (Math.abs(lambda - before) > 1e-12)
      continue;
    const u2 = (cos2Alpha * (WGS84_A ** 2 - WGS84_B ** 2)) / WGS84_B ** 2;
    const A = 1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
    const B = (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
    const dSigma = B * sinSigma * (cos2m + (B / 4) * (cosSigma * (2 * cos2m * cos2m - 1) -
      (B / 6) * cos2m * (4 * sinSigma * sinSigma - 3) * (4 * cos2m * cos2m - 3)));
    const bearing = Math.atan2(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda)) / RAD;
    return { range_m: WGS84_B * A * (sigma - dSigma), bearing_deg: (bearing + 360) % 360 };
  }
  return { range_m: NaN, bearing_deg: NaN };
}

/*
 * The point at a range and bearing on a sphere of the Gaussian radius at lat: coverage circles and wedges, where
 * 0.1 % of the range does not show. Returns [lon, lat].
 */
export function offset(lat: number, lon: number, range_m: number, bearing_deg: number): [number, number] {
  const e2 = WGS84_F * (2 - WGS84_F);
  const w = 1 - e2 * Math.sin(lat * RAD) ** 2;
  const R = (WGS84_A * Math.sqrt(1 - e2)) / w;
  const d = range_m / R;
  const [sp, cp] = [Math.sin(lat * RAD), Math.cos(lat * RAD)];
  const lat2 = Math.asin(sp * Math.cos(d) + cp * Math.sin(d) * Math.cos(bearing_deg * RAD));
  const lon2 = lon * RAD + Math.atan2(Math.sin(bearing_deg * RAD) * Math.sin(d) * cp,
    Math.cos(d) - sp * Math.sin(lat2));
  return [lon2 / RAD, lat2 / RAD];
}

/* A ring (or, with a width below 360, a wedge from the centre) as [lon, lat] points, closed. */
export function sector(lat: number, lon: number, range_m: number, axis_deg = 0, width_deg = 360): [number, number][] {
  const steps = Math.max(12, Math.ceil(width_deg / 3));
  const ring: [number, number][] = width_deg < 360 ? [[lon, lat]] : [];
  for (let i = 0; i <= steps; i++)
    ring.push(offset(lat, lon, range_m, axis_deg - width_deg / 2 + (width_deg * i) / steps));
  if (width_deg < 360)
    ring.push([lon, lat]);
  return ring;
}

/* format - numbers as officers read them: degrees and decimal minutes, knots, three-figure courses, UTC. */

import { KNOT_MPS, NM } from './geo';

export const NONE = '–';

function pad(n: number, width: number): string {
  return String(n).padStart(width, '0');
}

/* Degrees and minutes to 0.001' (1.8 m), e.g. 54°31.234′N. */
function dm(deg: number, width: number, hemispheres: string, decimals: number): string {
  const scale = 60 * 10 ** decimals;
  const total = Math.round(Math.abs(deg) * scale);
  const minutes = (total % scale) / 10 ** decimals;
  const sign = hemispheres[deg < 0 ? 1 : 0];
  return `${pad(Math.floor(total / scale), width)}°${minutes.toFixed(decimals).padStart(decimals ? 3 + decimals : 2, '0')}′${sign}`;
}

export function latText(lat: number, decimals = 3): string {
  return dm(lat, 2, 'NS', decimals);
}

export function lonText(lon: number, decimals = 3): string {
  return dm(((lon + 540) % 360) - 180, 3, 'EW', decimals);
}

export function knots(mps: number | null | undefined): string {
  return mps == null || !Number.isFinite(mps) ? NONE : (mps / KNOT_MPS).toFixed(1);
}

export function course(deg: number | null | undefined): string {
  return deg == null || !Number.isFinite(deg) ? NONE : `${pad(Math.round(deg) % 360, 3)}°`;
}

/* Ages in the largest unit that still tells: 4.2 s, 38 s, 12 min, 3 h. */
export function age(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms))
    return NONE;
  const s = Math.max(0, ms / 1000);
  if (s < 9.95)
    return `${s.toFixed(1)} s`;
  if (s < 99.5)
    return `${Math.round(s)} s`;
  if (s < 5970)
    return `${Math.round(s / 60)} min`;
  return `${Math.round(s / 3600)} h`;
}

export function range(m: number): string {
  if (!Number.isFinite(m))
    return NONE;
  if (m < 0.2 * NM)
    return `${Math.round(m)} m`;
  return `${(m / NM).toFixed(m < 20 * NM ? 2 : 1)} NM`;
}

export function metres(m: number | null | undefined): string {
  if (m == null || !Number.isFinite(m))
    return NONE;
  return m < 10 ? `${m.toFixed(1)} m` : m < 2000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(1)} km`;
}

export function percent(p: number | null | undefined): string {
  if (p == null || !Number.isFinite(p))
    return NONE;
  /* Nothing is certain, and the hub sends three decimals. */
  if (p > 0.995)
    return '> 99 %';
  return `${Math.round(p * 100)} %`;
}

export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

export function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

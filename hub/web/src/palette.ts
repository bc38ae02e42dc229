/*
 * palette - day, dusk and night: every colour of the page and the map, in one place.
 *
 * Day and dusk keep a chart's relations (land warm, sea cool, ink dark on light or light on dark). Night is red-safe: no
 * blue or green light at all, so that eyes stay adapted to the dark; there shape and brightness carry what hue does by day.
 * Text on its ground is at least 4.5:1, symbols on the sea at least 3:1 (WCAG 2.2 AA; tests/web checks the text).
 */

export type PaletteName = 'day' | 'dusk' | 'night';
export const PALETTES: PaletteName[] = ['day', 'dusk', 'night'];

export interface Palette {
  scheme: 'light' | 'dark';
  /* page */
  page: string; panel: string; raised: string; line: string; ink: string; soft: string; accent: string; onAccent: string;
  alarm: string; onAlarm: string; alarmSoft: string; warn: string; onWarn: string; good: string; shadow: string;
  /* chart */
  sea: string; land: string; coast: string; border: string; graticule: string; waters: string; watersFill: string;
  coverage: string; hole: string; place: string; water: string; halo: string; frame: string; frameInk: string;
  /* tracks: by kind of craft (symbol.ts, KIND) */
  tracks: string[];
}

const day: Palette = {
  scheme: 'light',
  page: '#e9edef', panel: '#f8f9f9', raised: '#ffffff', line: '#cfd6da', ink: '#10202b', soft: '#4c5d68',
  accent: '#0b5a7d', onAccent: '#ffffff', alarm: '#b3121d', onAlarm: '#ffffff', alarmSoft: '#fbe9e9',
  warn: '#f3b61f', onWarn: '#2a1f00', good: '#1d6b43', shadow: 'rgba(16,32,43,.16)',
  sea: '#d5e4ec', land: '#efe6cd', coast: '#8a7b58', border: '#a08f78', graticule: '#a9c0cd', waters: '#8d4f9a',
  watersFill: '#8d4f9a', coverage: '#3d7f9c', hole: '#7d3b3b', place: '#55492f', water: '#5b7f95',
  halo: '#eef5f8', frame: '#f8f9f9', frameInk: '#33454f',
  tracks: ['#1d4f91', '#7a3d86', '#0b6b5c', '#8a4b08', '#3d5a68', '#24477a', '#a33f00', '#b3121d', '#3f4a50', '#2a4f9e'],
};

const dusk: Palette = {
  scheme: 'dark',
  page: '#0b141a', panel: '#111d25', raised: '#182731', line: '#2a3b46', ink: '#dfe8ec', soft: '#93a6b1',
  accent: '#7cc4e4', onAccent: '#06222f', alarm: '#ff5a5f', onAlarm: '#250305', alarmSoft: '#35161a',
  warn: '#e8b23a', onWarn: '#251a00', good: '#6fcf9b', shadow: 'rgba(0,0,0,.5)',
  sea: '#0e1c26', land: '#26302f', coast: '#66756f', border: '#6a6a5c', graticule: '#22343f', waters: '#b98bc6',
  watersFill: '#b98bc6', coverage: '#4f8aa3', hole: '#d08a6a', place: '#a9b3a5', water: '#577488',
  halo: '#0b161e', frame: '#111d25', frameInk: '#93a6b1',
  tracks: ['#7db4f5', '#cf9be0', '#58d3b5', '#e0aa62', '#a9bcc6', '#8fb0e8', '#ff9d4d', '#ff5a5f', '#a3b1b8', '#9fc0ff'],
};

const night: Palette = {
  scheme: 'dark',
  page: '#060202', panel: '#0c0504', raised: '#150907', line: '#33140e', ink: '#e07356', soft: '#c8654c',
  accent: '#e87a4f', onAccent: '#1a0602', alarm: '#ff4a30', onAlarm: '#1c0300', alarmSoft: '#2a0a06',
  warn: '#d98a2b', onWarn: '#1a0c00', good: '#cf7a45', shadow: 'rgba(0,0,0,.7)',
  sea: '#090303', land: '#1a0c08', coast: '#5c2a1c', border: '#4a2418', graticule: '#200c08', waters: '#7c3a2a',
  watersFill: '#7c3a2a', coverage: '#5c2a1e', hole: '#b0552e', place: '#8f4632', water: '#6b3226',
  halo: '#060202', frame: '#0c0504', frameInk: '#b4513b',
  tracks: ['#d9664a', '#e0703f', '#c9792f', '#d08a3a', '#b8543c', '#d9664a', '#ff9a4a', '#ff4a30', '#a84a35', '#e08a6a'],
};

const all: Record<PaletteName, Palette> = { day, dusk, night };

export function palette(name: PaletteName): Palette {
  return all[name];
}

/* Hands the page's colours to the style sheet. */
export function applyPalette(name: PaletteName): void {
  const root = document.documentElement;
  const p = all[name];
  root.dataset.palette = name;
  root.style.colorScheme = p.scheme;
  for (const key of ['page', 'panel', 'raised', 'line', 'ink', 'soft', 'accent', 'onAccent', 'alarm', 'onAlarm',
    'alarmSoft', 'warn', 'onWarn', 'good', 'shadow', 'sea', 'land', 'coast', 'frame', 'frameInk'] as const)
    root.style.setProperty(`--${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`, p[key]);
}

export function rgb(hex: string): [number, number, number] {
  const n = parseInt(hex.slice(1), 16);
  return [((n >> 16) & 255) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}

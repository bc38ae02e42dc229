/* api - the hub's JSON endpoints. Every field of a card may be unknown: null or absent. */

import type { Ack } from './frame';

export interface Config {
  centre: string;
  name: string;
  bounds: [number, number, number, number];
  home: { lon: number; lat: number; zoom: number };
  roles: string[];
}

export interface CardIdentity {
  name?: string | null;
  callsign?: string | null;
  imo?: number | null;
  ship_type?: number | null;
  nav_status?: number | null;
  length_m?: number | null;
  beam_m?: number | null;
}

export interface Ellipse {
  a_m: number;
  b_m: number;
  azimuth_deg: number;
}

export interface Card {
  id: string;
  origin?: string | null;
  state?: string | null;
  class?: string | null;
  existence?: number | null;
  identity?: CardIdentity | null;
  ids?: { kind: string; value: number; probability: number }[] | null;
  lat: number;
  lon: number;
  sog_mps?: number | null;
  cog_deg?: number | null;
  cog_sigma_deg?: number | null;
  sog_sigma_mps?: number | null;
  ellipse95?: Ellipse | null;
  time_ms?: number | null;
  sources?: { feed: string; sensor: string; last_ms: number; plots: number }[] | null;
  released?: { peer: string; rule: string; decision: string }[] | null;
  distress?: string | null;
  test?: boolean | null;
}

export type TrailPoint = [time_ms: number, lon: number, lat: number];

export interface SiteProperties {
  feed: string;
  sensor: string;
  max_range_m?: number | null;
  view?: number | null;
  view_width?: number | null;
  state?: string | null;
}

export interface Feature<G, P> {
  type: 'Feature';
  geometry: G;
  properties: P;
}

export interface Collection<F> {
  type: 'FeatureCollection';
  features: F[];
}

export type Site = Feature<{ type: 'Point'; coordinates: [number, number] }, SiteProperties>;
export type Section = Feature<GeoJSON.Geometry, { name?: string; id?: string; kind?: string }>;

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: signal ?? null, cache: 'no-store' });
  if (!response.ok)
    throw new Error(`${path}: HTTP ${response.status}`);
  return (await response.json()) as T;
}

export const getConfig = () => get<Config>('/api/config');
export const getCard = (id: string, signal?: AbortSignal) => get<Card>(`/api/tracks/${encodeURIComponent(id)}`, signal);
export const getSites = () => get<Collection<Site>>('/api/sites');
export const getSections = () => get<Collection<Section>>('/api/sections');

export async function getTrail(id: string, signal?: AbortSignal): Promise<TrailPoint[]> {
  const answer = await get<{ points?: TrailPoint[] }>(`/api/tracks/${encodeURIComponent(id)}/trail`, signal);
  return answer.points ?? [];
}

export async function acknowledge(alarm: number, by: string): Promise<Ack | null> {
  const response = await fetch(`/api/alarms/${alarm}/ack`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ by }),
  });
  if (!response.ok)
    throw new Error(`HTTP ${response.status}`);
  const answer: unknown = await response.json().catch(() => null);
  return typeof answer === 'object' && answer !== null && 'by' in answer ? (answer as Ack) : null;
}

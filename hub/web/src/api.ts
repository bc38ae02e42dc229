/* api - the hub's JSON, as docs/http.md has it. What is not known is null. */

import type { Alarm } from './frame';

export interface Config {
  centre: string;
  name: string;
  bounds: [number, number, number, number] | null;
  home: { lon: number | null; lat: number | null; zoom: number | null };
  roles: string[];
  user?: string | null; /* a login the proxy vouches for */
}

export interface CardIdentity {
  name: string | null;
  callsign: string | null;
  mmsi: number | null;
  icao24: number | null;
  imo: number | null;
  ship_type: number | null;
  nav_status: number | null;
  length: number | null;
  beam: number | null;
}

/* Semi-axes in m, angle of the major one clockwise from north. */
export interface Ellipse {
  major: number;
  minor: number;
  angle: number;
}

export interface Card {
  id: string;
  slot: number;
  origin: string;
  parent: string | null;
  time_ms: number;
  age_ms: number;
  state: string;
  class: string;
  existence: number | null;
  distress: string | null;
  test: boolean;
  foreign: boolean;
  position: { lat: number; lon: number; alt: number | null };
  motion: { sog: number | null; cog: number | null; sog_sigma: number | null; cog_sigma: number | null };
  ellipse: Ellipse | null;
  identity: CardIdentity;
  candidates: { kind: string; value: number; probability: number }[];
  standing: { kind: string; id_kind: string; value: number; count: number; since_ms: number; distance: number } | null;
  sources: { feed: string; sensor: string; age_ms: number; plots: number }[];
  release: { peer: string; name: string | null; released: boolean; rule: string | null; reason: string | null; section: string | null;
    lane: string | null }[];
}

/* A row of /api/tracks, as far as search wants it. */
export interface FoundTrack {
  id: string;
  slot: number;
  name: string | null;
  callsign: string | null;
  mmsi: number | null;
  lat: number;
  lon: number;
}

export type TrailPoint = [time_ms: number, lat: number, lon: number];

export interface SiteProperties {
  feed: string;
  sensor: string;
  state: string;
  reason: string;
  range: number | null;
  view: number | null;
  view_width: number | null;
  coverage: { type: 'Polygon'; coordinates: [number, number][][] } | null;
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

export async function findTracks(q: string, limit: number, signal: AbortSignal): Promise<FoundTrack[]> {
  const answer = await get<{ tracks?: FoundTrack[] }>(`/api/tracks?q=${encodeURIComponent(q)}&limit=${limit}`, signal);
  return answer.tracks ?? [];
}

export async function getTrail(id: string, signal?: AbortSignal): Promise<TrailPoint[]> {
  const answer = await get<{ points?: TrailPoint[] }>(`/api/tracks/${encodeURIComponent(id)}/trail`, signal);
  return answer.points ?? [];
}

/* The alarm as it is now; somebody else's acknowledgement (409) is an answer, not an error. */
export async function acknowledge(alarm: number, by: string): Promise<Alarm> {
  const response = await fetch(`/api/alarms/${alarm}/ack`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ by }),
  });
  const answer = (await response.json().catch(() => ({}))) as Partial<Alarm> & { error?: string };
  if (!answer.ack)
    throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer as Alarm;
}

/* text - every word the page says, in one table per language. */

const en = {
  classes: ['Unknown vessel', 'Cargo', 'Tanker', 'Passenger', 'Fishing', 'High-speed craft', 'Pleasure craft',
    'Special craft', 'Distress beacon', 'Aid to navigation', 'Aircraft'],
  dark: 'Unidentified contact',
  darkShort: 'Contact',
  states: ['Tentative', 'Confirmed', 'Coasting', 'Dropped'],
  sensors: { radar: 'Radar', ais: 'AIS', camera: 'Camera', adsb: 'ADS-B' } as Record<string, string>,
  feedStates: { up: 'up', degraded: 'degraded', blind: 'blind', down: 'down' } as Record<string, string>,
  distress: { sart: 'AIS-SART', mob: 'Man overboard', epirb: 'EPIRB' } as Record<string, string>,
  test: 'Test',
  live: 'Live',
  connecting: 'Connecting',
  stale: 'Stale',
  staleTitle: 'Picture is stale',
  staleSince: 'since',
  staleSilent: 'no word from the hub',
  staleBody: 'Positions are as last known. Do not read them as present.',
  picture: 'picture',
  old: 'old',
  tracks: 'tracks',
  track: 'track',
  inView: 'in view',
  contacts: 'unidentified',
  notForNavigation: 'Not for navigation · Coast: Natural Earth',
  alarmTitle: 'Distress',
  alarmTest: 'Distress test',
  raised: 'Raised',
  ack: 'Acknowledge',
  acked: 'Acknowledged by',
  show: 'Show',
  nearest: 'Nearest',
  who: 'Your name or initials',
  whoHint: 'Goes into the record with the time.',
  ok: 'Acknowledge',
  cancel: 'Cancel',
  ackFailed: 'Not acknowledged',
  officer: 'Officer',
  noSelection: 'Select a vessel on the chart or in the list.',
  cardLost: 'This track is no longer in the picture.',
  sections: { identity: 'Identity', certainty: 'Certainty', sources: 'Seen by', released: 'Neighbours' },
  position: 'Position',
  speed: 'Speed',
  courseOver: 'Course',
  size: 'Size',
  status: 'Status',
  type: 'Type',
  flag: 'Flag',
  existence: 'Existence',
  ellipse: '95 % within',
  standing: 'In doubt',
  standings: { twin: 'two vessels send', elsewhere: 'radar holds it elsewhere', silent: 'silent' } as Record<string, string>,
  reports: 'reports',
  axis: 'axis',
  fromNeighbour: 'from neighbour',
  ownTrack: 'own track',
  nobody: 'No neighbour is set up.',
  released: 'released',
  withheld: 'withheld',
  or: 'or',
  viewerOnly: 'This desk may look, not acknowledge.',
  unnamed: 'No identity received',
  plots: 'plots',
  searchPlaceholder: 'Name, MMSI, call sign, track',
  searchNone: 'Nothing in the picture matches',
  columns: { name: 'Name', sog: 'kn', cog: 'Course', sources: 'Seen by', age: 'Age' },
  filters: { view: 'In view', all: 'All', dark: 'Unidentified', foreign: 'Foreign' },
  empty: 'No tracks here',
  navStatus: ['Under way, engine', 'At anchor', 'Not under command', 'Restricted manoeuvrability', 'Constrained by draught',
    'Moored', 'Aground', 'Fishing', 'Under way, sailing', 'Reserved', 'Reserved', 'Towing astern', 'Pushing ahead', 'Reserved',
    'SART active', 'Not defined'],
  hole: 'No cover',
  measure: 'Measure',
  measureHint: 'Range and bearing: click the start, then the end. Esc ends.',
  vector: 'Vectors',
};

export const text = en;

/* AIS ship type, M.1371-5 table 53, as words. */
export function shipType(code: number | null | undefined): string | null {
  if (!code)
    return null;
  const special: Record<number, string> = { 30: 'Fishing', 31: 'Towing', 32: 'Towing, long', 33: 'Dredging', 34: 'Diving',
    35: 'Military', 36: 'Sailing', 37: 'Pleasure craft', 50: 'Pilot', 51: 'Search and rescue', 52: 'Tug', 53: 'Port tender',
    54: 'Anti-pollution', 55: 'Law enforcement', 58: 'Medical transport', 59: 'Non-combatant' };
  const decades: Record<number, string> = { 2: 'Wing in ground', 4: 'High-speed craft', 6: 'Passenger', 7: 'Cargo', 8: 'Tanker',
    9: 'Other' };
  return special[code] ?? decades[Math.floor(code / 10)] ?? `Type ${code}`;
}

/* Maritime identification digits (ITU table of MIDs) of European and frequent flags, as ISO 3166 names. */
const MID: Record<number, string> = { 201: 'Albania', 205: 'Belgium', 207: 'Bulgaria', 209: 'Cyprus', 210: 'Cyprus', 211: 'Germany',
  212: 'Cyprus', 213: 'Georgia', 215: 'Malta', 218: 'Germany', 219: 'Denmark', 220: 'Denmark', 224: 'Spain', 225: 'Spain',
  226: 'France', 227: 'France', 228: 'France', 229: 'Malta', 230: 'Finland', 231: 'Faroe Islands', 232: 'United Kingdom',
  233: 'United Kingdom', 234: 'United Kingdom', 235: 'United Kingdom', 236: 'Gibraltar', 237: 'Greece', 238: 'Croatia',
  239: 'Greece', 240: 'Greece', 241: 'Greece', 244: 'Netherlands', 245: 'Netherlands', 246: 'Netherlands', 247: 'Italy',
  248: 'Malta', 249: 'Malta', 250: 'Ireland', 251: 'Iceland', 253: 'Luxembourg', 255: 'Madeira', 256: 'Malta', 257: 'Norway',
  258: 'Norway', 259: 'Norway', 261: 'Poland', 263: 'Portugal', 264: 'Romania', 265: 'Sweden', 266: 'Sweden', 271: 'Türkiye',
  272: 'Ukraine', 273: 'Russia', 275: 'Latvia', 276: 'Estonia', 277: 'Lithuania', 278: 'Slovenia', 304: 'Antigua and Barbuda',
  305: 'Antigua and Barbuda', 308: 'Bahamas', 309: 'Bahamas', 311: 'Bahamas', 319: 'Cayman Islands', 351: 'Panama',
  352: 'Panama', 353: 'Panama', 354: 'Panama', 355: 'Panama', 356: 'Panama', 357: 'Panama', 370: 'Panama', 371: 'Panama',
  372: 'Panama', 373: 'Panama', 374: 'Panama', 477: 'Hong Kong', 538: 'Marshall Islands', 563: 'Singapore', 564: 'Singapore',
  565: 'Singapore', 566: 'Singapore', 626: 'Gabon', 636: 'Liberia', 637: 'Liberia', 671: 'Togo' };

export function flagState(mmsi: number | null | undefined): string | null {
  return mmsi ? (MID[Math.floor(mmsi / 1_000_000)] ?? null) : null;
}

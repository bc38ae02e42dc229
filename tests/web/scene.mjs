/*
 * scene - a small strait for the fake hub: who sails where. Seeded, so that two runs show the same vessels.
 *
 * Geography: Fehmarn Belt. Names and numbers are invented; MMSIs use the real countries' digits.
 */

export const CLASS = { unknown: 0, cargo: 1, tanker: 2, passenger: 3, fishing: 4, 'high-speed': 5, pleasure: 6, special: 7,
  beacon: 8, aton: 9, aircraft: 10 };
export const CLASS_NAMES = Object.keys(CLASS);
const KNOT = 1852 / 3600;

export function random(seed) {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/* Ways as [lon, lat]; a vessel goes to and fro on its own. */
const WAYS = {
  eastbound: [[10.62, 54.62], [10.86, 54.575], [11.12, 54.575], [11.36, 54.56], [11.62, 54.485], [11.9, 54.42]],
  westbound: [[11.92, 54.45], [11.64, 54.515], [11.38, 54.592], [11.12, 54.608], [10.88, 54.61], [10.62, 54.655]],
  north: [[11.02, 54.6], [10.9, 54.72], [10.84, 54.85]],
  ferry: [[11.2285, 54.51], [11.262, 54.55], [11.32, 54.61], [11.345, 54.645]],
  south: [[11.36, 54.3], [11.3, 54.4], [11.42, 54.52], [11.6, 54.56]],
  fishing1: [[10.9, 54.635], [10.97, 54.66], [11.03, 54.64], [10.95, 54.62]],
  fishing2: [[11.48, 54.42], [11.55, 54.44], [11.52, 54.46], [11.45, 54.45]],
  sail: [[10.98, 54.39], [10.92, 54.44], [10.88, 54.5], [10.96, 54.55]],
  sail2: [[11.3, 54.36], [11.37, 54.43], [11.41, 54.5]],
  fast: [[11.72, 54.63], [11.58, 54.56], [11.44, 54.5], [11.33, 54.42], [11.2, 54.36]],
};

const SHIPS = [
  ['eastbound', 'cargo', 211281610, 'HANSE TRADER', 'DGKL2', 13.2, 168, 25], ['eastbound', 'cargo', 244780112, 'NOORDERLICHT', 'PBWQ', 11.4, 118, 16],
  ['eastbound', 'tanker', 257411000, 'NORDIC AMBER', 'LAXP7', 12.1, 183, 32], ['eastbound', 'cargo', 266231000, 'VINGA', 'SKPD', 14.6, 199, 28],
  ['eastbound', 'cargo', 255806120, 'ELBE SPIRIT', 'CQHM', 15.8, 222, 32], ['eastbound', 'cargo', 305913000, 'LANGELAND BAY', 'V2GF5', 9.8, 89, 13],
  ['eastbound', 'tanker', 538009210, 'STENA BALTIA', 'V7KQ2', 12.9, 249, 44], ['westbound', 'cargo', 212904000, 'KADET EXPRESS', '5BQT4', 17.1, 254, 36],
  ['westbound', 'tanker', 219018765, 'GOTHEBORG TANK', 'OXGA2', 11.6, 144, 23], ['westbound', 'cargo', 273348120, 'PORT VYSOTSK', 'UBQI9', 10.4, 139, 16],
  ['westbound', 'cargo', 230671000, 'FINNHAWK II', 'OJRS', 18.2, 202, 27], ['westbound', 'cargo', 276829000, 'SAAREMAA', 'ESHJ', 12.4, 132, 18],
  ['westbound', 'passenger', 311000743, 'BALTIC PRINCESS', 'C6FT5', 19.4, 294, 32], ['westbound', 'cargo', 477914500, 'ORIENT PIONEER', 'VRQE8', 14.1, 366, 52],
  ['north', 'cargo', 219230000, 'FYN CARRIER', 'OWCA2', 12.7, 116, 17], ['north', 'special', 211215170, 'HELGOLAND PILOT', 'DBAR', 16.0, 33, 8],
  ['ferry', 'passenger', 211188000, 'PRINS RICHARD', 'OYFM2', 17.5, 142, 25], ['ferry', 'passenger', 211190000, 'DEUTSCHLAND', 'DMLQ', 17.2, 142, 25],
  ['ferry', 'passenger', 219000479, 'PRINSESSE BENEDIKTE', 'OYDX2', 16.9, 142, 25], ['ferry', 'high-speed', 219024200, 'BELT FLYER', 'OWBF', 31.0, 86, 24],
  ['south', 'cargo', 236592000, 'MECKLENBURG', 'ZDLR2', 11.9, 99, 15], ['south', 'pleasure', 211560470, 'WINDSBRAUT', 'DJ5521', 6.1, 12, 4],
  ['fishing1', 'fishing', 211445320, 'FEH 5 ANTARES', 'DCVB', 3.4, 17, 5], ['fishing1', 'fishing', 219006512, 'R 231 LAILA', 'XPD4410', 2.9, 15, 5],
  ['fishing1', 'fishing', 211447810, 'HEI 12 SEESTERN', 'DFRT', 4.2, 12, 4], ['fishing2', 'fishing', 211440110, 'BURG 3 TÜMMLER', 'DCHH', 3.1, 14, 5],
  ['fishing2', 'fishing', 219011933, 'LL 47 HAVET', 'OYLL', 3.7, 18, 6], ['sail', 'pleasure', 211700180, 'MORGENROT', '', 5.4, 11, 3],
  ['sail', 'pleasure', 219027701, 'FREJA', '', 5.9, 13, 4], ['sail', 'pleasure', 211735560, 'ALBATROS V', 'DK7781', 4.8, 10, 3],
  ['sail2', 'pleasure', 265721890, 'HAVSÖRN', 'SFC2214', 6.4, 14, 4], ['sail2', 'special', 211510420, 'SAR BREMEN', 'DBAE', 12.0, 28, 6],
  ['south', 'special', 220338000, 'NORDJYLLAND', 'OUEV', 13.6, 44, 9], ['sail2', 'special', 211362460, 'BP 24 BAD BRAMSTEDT', 'DBFD', 15.2, 66, 11],
];

function along(way, metres) {
  let rest = metres;
  for (let k = 0; ; k = (k + 1) % (way.length - 1)) {
    const [a, b] = [way[k], way[k + 1]];
    const east = (b[0] - a[0]) * 111320 * Math.cos((a[1] * Math.PI) / 180);
    const north = (b[1] - a[1]) * 110900;
    const length = Math.hypot(east, north);
    if (rest <= length) {
      const f = rest / length;
      return { lon: a[0] + (b[0] - a[0]) * f, lat: a[1] + (b[1] - a[1]) * f,
        cog: ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360 };
    }
    rest -= length;
  }
}

export function makeScene(extra = 0, seed = 7) {
  const rnd = random(seed);
  const tracks = [];
  const add = (t) => {
    const birth = tracks.length + 1;
    tracks.push({ slot: birth, id: `${t.origin ?? 'xa'}-1-${birth}`, origin: 'xa', state: 1, flags: 0, shift: (rnd() - 0.5) * 0.006,
      start: rnd() * 40000, born_ms: -1, quality: 4, ...t });
  };
  for (const [way, cls, mmsi, name, callsign, kn, length, beam] of SHIPS) {
    const radar = rnd() > 0.18 ? (rnd() > 0.5 ? ['radar1', 'radar2'] : ['radar1']) : [];
    add({ way: WAYS[way], cls: CLASS[cls], mmsi, name, callsign, mps: kn * KNOT, length, beam, feeds: ['ais1', ...radar], quality: 3 });
  }
  for (let k = 0; k < 9; k++)
    add({ way: [WAYS.sail, WAYS.sail2, WAYS.south, WAYS.fishing1, WAYS.fishing2][k % 5], cls: 0, mps: (2 + rnd() * 6) * KNOT,
      feeds: k % 3 ? ['radar1'] : ['radar1', 'radar2'], quality: 18, shift: (rnd() - 0.5) * 0.03, state: k === 4 ? 0 : k === 7 ? 2 : 1 });
  add({ way: WAYS.fast, cls: 0, mps: 34 * KNOT, feeds: ['radar1', 'radar2', 'camera1'], quality: 14, start: 9000 });
  for (let k = 0; k < 6; k++)
    add({ way: WAYS.westbound, cls: CLASS.cargo, mmsi: 219400100 + k, name: ['BORNHOLM SUN', 'STOREBÆLT', 'ROSTOCK STAR', 'ARKONA', 'MØN LIGHT',
      'SUNDET'][k], callsign: `OX${k}Q2`, mps: (10 + k) * KNOT, length: 100 + 11 * k, beam: 18, origin: k < 4 ? 'xb' : 'xa', feeds: ['ais1'],
    flags: k < 4 ? 16 : 0, shift: 0.03, quality: 5 });
  for (const [name, lon, lat] of [['FEHMARNBELT N', 11.1, 54.62], ['KADETRENDEN 2', 11.83, 54.47], ['PUTTGARDEN W', 11.205, 54.525]])
    add({ way: [[lon, lat], [lon + 1e-6, lat]], cls: CLASS.aton, mmsi: 992111800 + tracks.length, name, mps: 0, feeds: ['ais1'], shift: 0 });
  add({ way: [[11.405, 54.47], [11.42, 54.478]], cls: CLASS.beacon, mmsi: 970211004, name: '', mps: 0.4, feeds: ['ais1', 'radar1'], start: 0,
    shift: 0, distress: 'sart', quality: 6 });
  for (let k = 0; k < extra; k++)
    add({ way: [[8 + rnd() * 8, 53.8 + rnd() * 3], [8 + rnd() * 8, 53.8 + rnd() * 3]], cls: Math.floor(rnd() * 8), mmsi: 230000000 + k,
      name: `EXTRA ${k}`, mps: (2 + rnd() * 14) * KNOT, feeds: ['ais1'] });
  return tracks;
}

export function stateOf(t, seconds) {
  const at = along(t.way, Math.max(0, t.start + t.mps * seconds));
  return { lon: at.lon + t.shift * 0.5, lat: at.lat + t.shift, cog: at.cog, mps: t.mps };
}

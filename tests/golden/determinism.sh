#!/bin/bash
# The tracker's output must not depend on which variants of its functions the C library picks for this processor.
set -eu
vedette=$1 work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$work" <<'PY'
import json, math, random, sys
# A small scene of our own: 12 vessels, one radar, AIS on half of them, clutter.
d, rng = sys.argv[1], random.Random(5)
radar, scan = (-5000.0, -6000.0), 2.5
json.dump(dict(side=20000, duration=200, scan=scan, sigma_r=20, sigma_az=.3, sigma_ais=10, lat0=54.5, lon0=11.2,
	radar_list=[dict(id=1, pos=radar)]), open(d + '/meta.json', 'w'))
v = [(rng.uniform(-8e3, 8e3), rng.uniform(-5e3, 8e3), rng.uniform(-15, 15), rng.uniform(-15, 15)) for _ in range(12)]
rows = []
for k in range(80):
	t = k * scan
	z = [(x + u * t, y + w * t) for x, y, u, w in v if rng.random() < .9]
	z += [(rng.uniform(-9e3, 9e3), rng.uniform(-9e3, 9e3)) for _ in range(40)]
	for x, y in z:
		r = math.hypot(x - radar[0], y - radar[1]) + rng.gauss(0, 20)
		a = math.atan2(x - radar[0], y - radar[1]) + math.radians(rng.gauss(0, .3))
		rows.append((t, '%.3f,%.3f,1,R,%.2f,%.4f,%.2f,%.2f,,,0,-1' % (t, t, r, math.degrees(a) % 360,
			radar[0] + r * math.sin(a), radar[1] + r * math.cos(a))))
	for i, (x, y, u, w) in enumerate(v[:6]):
		late = rng.choice([0, 0, 3, 7])
		rows.append((t + late, '%.3f,%.3f,900,A,,,%.2f,%.2f,%.2f,%.1f,%d,-1' % (t, t + late, x + u * t + rng.gauss(0, 10),
			y + w * t + rng.gauss(0, 10), math.hypot(u, w), math.degrees(math.atan2(u, w)) % 360, 200000000 + i)))
rows.sort(key=lambda r: r[0])
with open(d + '/plots.csv', 'w') as f:
	f.write('time,t_arrive,sensor,kind,range_m,az_deg,x,y,sog,cog,mmsi,truth_id\n')
	f.writelines(r[1] + '\n' for r in rows)
PY
"$vedette" track "$work" --out "$work/a.csv"
GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2_Usable,-AVX2,-FMA4 "$vedette" track "$work" --out "$work/b.csv"
[ "$(wc -l <"$work/a.csv")" -gt 500 ] || { echo "too few tracks"; exit 1; }
cmp "$work/a.csv" "$work/b.csv"

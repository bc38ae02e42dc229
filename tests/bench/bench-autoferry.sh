#!/bin/bash
# bench-autoferry: real radar and camera plots of a harbour, ../shared/data/autoferry: GOSPA (cut-off 50 m) and continuity of each
# scenario with and without the cameras, beside the tracker at the end of the first issue (c964f0a), which is not run here: docs/tracking.md.
# usage: bench-autoferry.sh BUILD_DIR
set -eu
cd "$(dirname "$0")/../.."
vedette=$1/cli/vedette data=../shared/data/autoferry
[ -d "$data" ] || { echo "bench autoferry: no $data" >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
declare -A first=([s2]=49.79 [s3]=49.81 [s4]=49.76 [s5]=49.40 [s6]=49.45)
python3 tests/bench/autoferry.py "$data" "$work/cameras"
python3 tests/bench/autoferry.py "$data" "$work/radar" --without eo,ir
for s in s2 s3 s4 s5 s6; do
	echo "bench autoferry_${s}_first_gospa ${first[$s]} m"
	for with in radar cameras; do
		"$vedette" track "$work/$with/$s" --out "$work/tracks.csv"
		"$vedette" score "$work/$with/$s" "$work/tracks.csv" --cut 50 | python3 -c '
import json, sys
r, name = json.load(sys.stdin), sys.argv[1]
for key, value, unit in (("gospa", "gospa_mean", "m"), ("switches", "id_switches", "count"), ("longest", "longest_seg", "share"),
                         ("missed", "missed_per_scan", "per_scan"), ("false", "false_per_scan", "per_scan")):
    print(f"bench autoferry_{name}_{key} {round(r[value], 3)} {unit}")
' "${s}_$with"
	done
done

#!/bin/bash
# bench-decode-ais: what `vedette decode` takes for an AIS sentence in instructions, and to JSON beside gpsdecode in the same run.
# Input: the captures beside the source tree, repeated to 50 MB. usage: bench-decode-ais.sh BUILD-DIR
set -eu
cd "$(dirname "$0")/../.."
vedette=$1/cli/vedette
captures=(../shared/data/ais/*.aivdm ../shared/data/ais/*.ais ../shared/data/ais/*.txt ../shared/data/ais/*.nmea)
[ -x "$vedette" ] || { echo "bench: no $vedette" >&2; exit 0; }
[ -f "${captures[0]}" ] || { echo "bench: no captures beside the source tree: instructions and peers are not measured" >&2; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Comments and empty lines out; every file ends in a line end.
for f in "${captures[@]}"; do grep -a '!..VD' "$f"; done > "$tmp/unit"
for _ in 1 2 3; do cat "$tmp/unit"; done > "$tmp/few"
while [ "$(stat -c %s "$tmp/unit")" -lt 50000000 ]; do cat "$tmp/unit" "$tmp/unit" > "$tmp/more"; mv "$tmp/more" "$tmp/unit"; done
head -1 "$tmp/few" > "$tmp/one"
sentences() { grep -aoE '![A-Z]{2}VD[MO],' "$1" | wc -l; }

instructions() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$vedette" decode $2 --format ais "$1" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'; }
if command -v valgrind >/dev/null; then
	for what in --stats ""; do # all but what starting costs
		few=$(instructions "$tmp/few" "$what") one=$(instructions "$tmp/one" "$what")
		echo "bench decode.ais$([ "$what" ] || echo _json)_instructions $(((few - one) / $(sentences "$tmp/few"))) instructions/sentence"
	done
else
	echo "bench: no valgrind: instructions are not measured" >&2
fi

# The best of three, s of processor time: the host is shared. Reading and writing included, for either.
TIMEFORMAT='%U %S'
seconds() {
	for _ in 1 2 3; do
		{ time "$@" > /dev/null 2> /dev/null < "$tmp/in"; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | head -1
}
rate() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / s }'; }

cp "$tmp/unit" "$tmp/in"
ours=$(rate "$(sentences "$tmp/in")" "$(seconds "$vedette" decode --format ais "$tmp/in")")
echo "bench decode.ais_json_process $ours sentences/s"
if command -v gpsdecode >/dev/null; then
	head -60000 "$tmp/unit" > "$tmp/in" # a rate: less of the same will do
	theirs=$(rate "$(sentences "$tmp/in")" "$(seconds gpsdecode -j)")
	echo "bench decode.ais_json_gpsdecode $theirs sentences/s"
	echo "bench decode.ais_json_ratio $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.1f", a / b }') x"
else
	echo "bench: no gpsdecode (package gpsd-clients): nothing to compare with" >&2
fi

#!/bin/sh
# simulate: the same seed and start time give the same bytes; another seed gives others; the decoder takes them all.
# usage: simulate.sh VEDETTE SCENES
set -eu
vedette=$1
scene=$2/strait
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

play() {
	mkdir "$dir/$1"
	"$vedette" simulate "$scene" --seconds 60 --start-time 2025-06-01T23:59:30Z --seed "$2" --out "$dir/$1" \
		--truth "$dir/$1/truth.csv" --without camera1 >"$dir/$1/summary"
}
play one 1
play two 1
play other 2
diff -r "$dir/one" "$dir/two"
if cmp -s "$dir/one/radar1.pcap" "$dir/other/radar1.pcap"; then
	echo "another seed, the same plots"
	exit 1
fi
cmp "$dir/one/truth.csv" "$dir/other/truth.csv" # chance is in the sensors, not in the vessels
for file in radar1.pcap radar2.pcap ais1.aivdm; do
	"$vedette" decode --stats "$dir/one/$file" | grep -q '"errors":{}' || {
		echo "$file has errors"
		exit 1
	}
done

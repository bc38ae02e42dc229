#!/bin/bash
# fuzz: every target under libFuzzer, ASan and UBSan, one a processor at a time.
# usage: run.sh [--seconds N] [TARGET]...   A finding is kept in build-fuzz/findings and fails the run.
set -eu
cd "$(dirname "$0")/../.."
seconds=60
if [ "${1:-}" = --seconds ]; then
	seconds=$2
	shift 2
fi
if [ ! -f build-fuzz/build.ninja ]; then
	CC=clang meson setup build-fuzz -Dfuzzer=true -Db_sanitize=address,undefined -Db_lundef=false \
		-Dweb=disabled -Dbpf=disabled -Dcamera=disabled
fi
ninja -C build-fuzz
mkdir -p build-fuzz/findings

# The recordings beside the source tree, where they are: the front of each is a seed. A datagram in the ring has 2,048 bytes.
captures() {
	case $1 in
	pcap) set -- asterix ;;
	esac
	[ ! -d "../shared/data/$1" ] || echo "../shared/data/$1"
}

# One target; its last words are what libFuzzer counted.
fuzz() {
	local name=$1 log=build-fuzz/$1.log failed=0
	mkdir -p "build-fuzz/corpus/$name"
	UBSAN_OPTIONS=halt_on_error=1 "build-fuzz/tests/fuzz/fuzz-$name" -max_total_time="$seconds" -print_final_stats=1 \
		-max_len=2600 -timeout=10 -artifact_prefix="build-fuzz/findings/$name-" "build-fuzz/corpus/$name" \
		"tests/fuzz/corpus/$name" $(captures "$name") >"$log" 2>&1 || failed=1
	[ $failed = 0 ] || tail -40 "$log"
	local cov executions
	cov=$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2)
	executions=$(grep -oE 'number_of_executed_units: [0-9]+' "$log" | cut -d' ' -f2)
	echo "fuzz $name: ${executions:-0} executions, ${cov:-0} edges covered$([ $failed = 0 ] || echo ', A FINDING')"
	return $failed
}

names=()
for target in "${@:-}"; do
	for exe in build-fuzz/tests/fuzz/fuzz-${target:-*}; do
		[ -x "$exe" ] && [ -f "$exe" ] && names+=("${exe##*/fuzz-}")
	done
done
echo "fuzz: ${#names[@]} targets, $seconds s each, $(nproc) at a time"
failed=0 running=0
for name in "${names[@]}"; do
	if [ $running = "$(nproc)" ]; then
		wait -n || failed=1
		running=$((running - 1))
	fi
	fuzz "$name" &
	running=$((running + 1))
done
while [ $running -gt 0 ]; do
	wait -n || failed=1
	running=$((running - 1))
done
total=$(for name in "${names[@]}"; do
	grep -oE 'number_of_executed_units: [0-9]+' "build-fuzz/$name.log"
done | awk '{n += $2} END {print n + 0}')
echo "fuzz: $total executions in all"
[ $failed = 0 ] && echo "fuzz: no finding"
exit $failed

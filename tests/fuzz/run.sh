#!/bin/bash
# fuzz: every target under libFuzzer, ASan and UBSan, one after the other.
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
failed=0
for target in "${@:-}"; do
	for exe in build-fuzz/tests/fuzz/fuzz-${target:-*}; do
		[ -x "$exe" ] && [ -f "$exe" ] || continue
		name=${exe##*/fuzz-}
		mkdir -p "build-fuzz/corpus/$name"
		echo "fuzz $name for $seconds s"
		UBSAN_OPTIONS=halt_on_error=1 "$exe" -max_total_time="$seconds" -print_final_stats=1 -timeout=10 \
			-artifact_prefix="build-fuzz/findings/$name-" "build-fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
			>"build-fuzz/$name.log" 2>&1 || { failed=1; tail -40 "build-fuzz/$name.log"; }
		grep -E 'number_of_executed_units|cov:' "build-fuzz/$name.log" | tail -2
	done
done
[ $failed = 0 ] && echo "fuzz: no finding"
exit $failed

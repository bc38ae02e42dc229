#!/bin/bash
# bench: runs build/tests/bench/bench-* (or bench-NAME*) and prints their "bench NAME VALUE UNIT" lines.
# Options go to the one benchmark named. What takes long, on scenarios made elsewhere, runs only when it is named in full.
set -eu
cd "$(dirname "$0")/../.."
build=$1 name=${2:-}
shift $(($# < 2 ? $# : 2))
case "$name" in
tracking | tracker) exec "tests/bench/bench-$name.py" "$@" ;;
esac
found=0
for exe in "$build"/tests/bench/bench-"$name"* tests/bench/bench-"$name"*.sh; do
	[ -x "$exe" ] && [ -f "$exe" ] || continue
	found=1
	"$exe" "$build" "$@" || echo "bench: $exe failed" >&2
done
[ $found = 1 ] || { echo "bench: no benchmark named '$name'" >&2; exit 1; }

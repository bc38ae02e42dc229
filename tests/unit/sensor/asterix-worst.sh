#!/bin/bash
# The dearest ASTERIX there can be, in instructions an octet: what asterix.h promises. Counted, for time depends on the host.
set -eu
worst=$1
LIMIT_HASH=180
LIMIT_JSON=1500
OCTETS=8192

command -v valgrind >/dev/null || { echo "no valgrind: not counted"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Prints "INSTRUCTIONS-AN-OCTET WHAT" of each datagram, one dump of callgrind's each.
count() {
	valgrind -q --tool=callgrind --dump-line=no --callgrind-out-file="$dir/$1" --toggle-collect=decode_datagram \
		--dump-after=decode_datagram "$worst" "$1" >"$dir/$1.what" 2>"$dir/$1.log" ||
		{ cat "$dir/$1.log"; exit 1; }
	n=0
	while read -r what; do
		n=$((n + 1))
		sum=$(sed -n 's/^\(totals\|summary\): //p' "$dir/$1.$n" | head -1)
		echo "$((sum / OCTETS)) $what"
	done <"$dir/$1.what"
}

check() {
	count "$1" | sort -rn >"$dir/$1.sorted"
	echo "$1, instructions an octet (limit $2), of $(wc -l <"$dir/$1.sorted") datagrams:"
	head -3 "$dir/$1.sorted"
	read -r most _ <"$dir/$1.sorted"
	[ "$most" -gt 0 ] && [ "$most" -le "$2" ]
}

check hash $LIMIT_HASH
check json $LIMIT_JSON

#!/bin/bash
# `vedette decode -`: a line is out while the input is still open, and slices change nothing. usage: stream.sh VEDETTE
set -eu
vedette=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
line='!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C'
mkfifo "$dir/in" "$dir/out"

"$vedette" decode --format ais - <"$dir/in" >"$dir/out" &
exec 3>"$dir/in" 4<"$dir/out"
echo "$line" >&3
read -r -t 5 -u 4 said || { echo "nothing came out while the input was open"; exit 1; }
[[ $said == *477553000* ]] || { echo "said: $said"; exit 1; }
exec 3>&-
wait

# Half lines across writes, and no end of line at the end.
{ printf '%s' "${line:0:20}"; sleep 0.3; printf '%s\n%s' "${line:20}" "${line:0:30}"; sleep 0.3; printf '%s' "${line:30}"; } |
	"$vedette" decode --format ais - >"$dir/sliced"
printf '%s\n%s' "$line" "$line" >"$dir/whole"
"$vedette" decode --format ais "$dir/whole" >"$dir/expected"
cmp "$dir/sliced" "$dir/expected"
[ "$(wc -l <"$dir/expected")" = 2 ]

# A capture of TCP: pcap, raw IP, one segment.
printf '\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0\1\0\0\0\0\0\0\0\x28\0\0\0\x28\0\0\0' >"$dir/tcp"
printf 'E\0\0\x28\0\1\0\0\x40\6\0\0\xc0\0\2\1\xc0\0\2\2\x75\x35\x75\x35\0\0\0\0\0\0\0\0\x50\0\0\0\0\0\0\0' >>"$dir/tcp"
"$vedette" decode - <"$dir/tcp" 2>"$dir/said"
grep -q "1 packets, none of them a whole UDP datagram" "$dir/said"

# Endless rubbish in bounded memory; the address sanitizer's own is not bounded.
grep -q __asan_init "$vedette" || ulimit -v 400000
head -c 50M /dev/zero | "$vedette" decode --format ais --stats - >"$dir/stats"
grep -q '"bytes":52428800' "$dir/stats"

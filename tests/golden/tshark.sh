#!/bin/sh
# tshark: an independent decoder finds in our ASTERIX the records that our own finds, item by item.
# usage: tshark.sh VEDETTE SCENES
set -eu
command -v tshark >/dev/null || { echo "no tshark: skipped"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$1" simulate "$2/strait" --seconds 10 --start-time 2025-06-01T12:00:00Z --out "$dir" --without camera1 --without ais1 \
	>/dev/null
"$1" decode "$dir/radar1.pcap" >"$dir/ours"
tshark -r "$dir/radar1.pcap" -d udp.port==8600,asterix -V 2>/dev/null >"$dir/theirs"
python3 - "$dir/ours" "$dir/theirs" <<'PYTHON'
import json
import re
import sys

ours = [json.loads(line) for line in open(sys.argv[1])]
text = open(sys.argv[2]).read()
assert "Malformed" not in text, "tshark calls it malformed"
records = [r for r in ours if r["cat"] == 48]
for name, item, field in (("RHO", "040", "RHO"), ("THETA", "040", "THETA")):
    theirs = [float(v) for v in re.findall(r"^\s+" + name + r",[^:]*: (-?[0-9.]+)", text, re.M)]
    mine = [r["items"][item][field] for r in records]
    assert len(theirs) == len(mine) > 50, (name, len(theirs), len(mine))
    assert all(abs(a - b) < 1e-3 for a, b in zip(mine, theirs)), name
times = [float(v) for v in re.findall(r"Time of Day, \[s\]: ([0-9.]+)", text)]
mine = [r["items"]["140" if r["cat"] == 48 else "030"] for r in ours]
assert len(times) == len(mine) and all(abs(a - b) < 1e-3 for a, b in zip(mine, times)), "times"
PYTHON

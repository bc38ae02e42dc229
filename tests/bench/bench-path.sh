#!/bin/bash
# bench-path: from a datagram's receive time to the update of a confirmed track in the hub, over the whole running path.
# usage: bench-path.sh BUILD_DIR   The demo's strait for 60 s, undisturbed; the hub's own figures over its last 8,192 updates.
set -eu
cd "$(dirname "$0")/../.."
python3 demo/demo.py --build "$1" --for 60 --no-kill --no-flood --functional --json --ports 48080,48081 2>/dev/null |
	python3 -c '
import json, sys
latency = json.load(sys.stdin)["latency"]
for q in ("p50", "p99"):
    print(f"bench path.latency_{q} {latency[q]} ms")
'

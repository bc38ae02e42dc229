#!/bin/bash
# The flood test, longer, for its figures. Nothing where it may not make a line of its own.
set -eu
"$1/tests/bpf/test-bpf-flood" 10 | grep '^bench ' || true

#!/bin/sh
# install.sh DIST TARGET: the picture's files below DESTDIR.
set -eu
target="${DESTDIR:-}$2"
mkdir -p "$target"
for f in "$1"/*; do
	install -m 644 "$f" "$target/"
done

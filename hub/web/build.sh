#!/bin/sh
# build.sh SOURCE WORK OUT W,S,E,N STAMP: the picture's files. node_modules lives in WORK, never in the source tree.
set -eu
source=$1 work=$2 out=$3 region=$4 stamp=$PWD/$5

mkdir -p "$work"
for name in src style map index.html icon.svg basemap.mjs build.mjs tsconfig.json; do
	rm -rf "${work:?}/$name"
	cp -r "$source/$name" "$work/$name"
done
if ! cmp -s "$source/package-lock.json" "$work/package-lock.json" || [ ! -f "$work/node_modules/.complete" ]; then
	cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$work/"
	(cd "$work" && npm ci --ignore-scripts=false --no-audit --no-fund --loglevel=error)
	touch "$work/node_modules/.complete"
fi
cd "$work"
node build.mjs "$out" "$region"
touch "$stamp"

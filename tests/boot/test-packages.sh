#!/bin/bash
# packages: the Debian packages on a real systemd in a container: installed, upgraded under a feed, removed, purged; the facts are
# in packages.py. TAP; skips where it cannot make or boot them. usage: test-packages.sh SOURCE BUILD
#
# They are made of the finished build, not by another one. The upgrade is to the same packages of a higher version.
set -eu
source=$1 build=$2 here=$(dirname "$0")
. "$here/operator.sh"
can_boot dpkg-buildpackage dh apt-get
prefix=$(meson introspect --buildoptions "$build" | python3 -c "
import json, sys
print(next(o['value'] for o in json.load(sys.stdin) if o['name'] == 'prefix'))")
[ "$prefix" = /usr ] || { echo "1..0 # SKIP the build's prefix is $prefix: meson configure $build -Dprefix=/usr"; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/vedette/systemd" "$work/tree/opt/new"
cp -a "$source/debian" "$source/docs" "$source/README.md" "$work/vedette"
cp -a "$source/systemd/samples" "$work/vedette/systemd"
cp "$source/meson.build" "$work/vedette"
if ! (cd "$work/vedette" && VEDETTE_BUILD=$build DPKG_DEB_COMPRESSOR_TYPE=none \
	DEB_BUILD_OPTIONS="nostrip noautodbgsym nocheck parallel=2" dpkg-buildpackage -b -us -uc -d -nc) >"$work/log" 2>&1; then
	tail -n 30 "$work/log" | sed 's/^/# /'
	printf '1..1\nnot ok 1 - dpkg-buildpackage makes the packages\n'
	exit 1
fi
is_whole "$work/vedette/debian/tmp"

version=$(dpkg-parsechangelog -l "$source/debian/changelog" -S Version)
raise() {
	dpkg-deb -R "$1" "$1.d"
	sed -i "s/^Version: .*/Version: $version+test/; s/(= $version)/(= $version+test)/g" "$1.d/DEBIAN/control"
	dpkg-deb -Znone -b "$1.d" "$work/tree/opt/new" >/dev/null
	rm -r "$1.d"
}
pids=
for deb in "$work"/*.deb; do
	raise "$deb" &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
mkdir "$work/tree/opt/old"
mv "$work"/*.deb "$work/tree/opt/old"
cp -a "$source/cli/scenes/strait" "$work/tree/opt/strait"
operator_files "$source" "$work/vedette/debian/vedette-doc/usr/share/vedette/examples" "$work/tree/opt/etc"
"$here/boot.sh" "$work/tree" packages

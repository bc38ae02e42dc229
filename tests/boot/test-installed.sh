#!/bin/bash
# installed: what `meson install` installs, on a real systemd in a container; the facts are in installed.py. TAP; skips where it
# cannot boot one. usage: test-installed.sh SOURCE BUILD
set -eu
source=$1 build=$2 here=$(dirname "$0")
. "$here/operator.sh"
can_boot

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
meson install -C "$build" --no-rebuild --destdir "$tree" >/dev/null
is_whole "$tree"
mkdir -p "$tree/opt"
cp -a "$source/cli/scenes/strait" "$tree/opt/strait"
operator_files "$source" "$(find "$tree" -type d -path "*/share/vedette/examples")" "$tree/etc/vedette"
"$here/boot.sh" "$tree" installed

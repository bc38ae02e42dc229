#!/bin/bash
# boot: the installed tree on a real systemd in a container; the facts are in inside.py. TAP; skips where it cannot boot one.
# usage: test-boot.sh SOURCE BUILD
set -eu
source=$1 build=$2
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
for tool in systemd-nspawn dbus-daemon openssl ip nsenter; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
meson install -C "$build" --no-rebuild --destdir "$tree" >/dev/null
for daemon in filter sensor camera uplink fusion hub; do
	[ -n "$(find "$tree" -name "vedette-$daemon" -type f)" ] || { echo "1..0 # SKIP built without vedette-$daemon"; exit 0; }
done

# What an operator would do, as docs/deploy.md says.
etc=$tree/etc/vedette
mkdir -p "$etc" "$tree/opt"
cp -a "$(find "$tree" -type d -path "*/share/vedette/examples")/." "$etc"
rm "$etc"/feeds/*
cp -a "$source/cli/scenes/strait" "$tree/opt/strait"
cp -a "$source"/cli/scenes/strait/feeds/*.conf "$etc/feeds"
sed 's/^Connect=.*/Connect=10.77.1.14:10110/' "$(find "$tree" -path "*/examples/feeds/ais2.conf")" >"$etc/feeds/ais2.conf"
mkdir "$etc/feeds/ais1.conf.d"
printf '[Feed]\nRate=0\n' >"$etc/feeds/ais1.conf.d/50-test.conf"
printf '[Feed]\nFormat=radar\n' >"$etc/feeds/broken.conf"
cp "$source"/cli/scenes/strait/sections.geojson "$etc/sections.geojson"
cp "$source"/cli/scenes/strait/policy-xa.conf "$etc/policy.conf"
mkdir -p "$etc/peers"
sed -i 's/^Interface=.*/Interface=v0/' "$etc/filter.conf"
sed -i 's/centre.example/127.0.0.1/' "$etc/uplink.conf"
PYTHONPATH=$source/demo python3 -c "
import certificates, pathlib, sys
d = pathlib.Path(sys.argv[1]); d.mkdir(); certificates.make(d)" "$etc/tls"
for pair in mast1:host xa:fusion xa:hub; do
	cp "$etc/tls/${pair%:*}.pem" "$etc/tls/${pair#*:}.pem"
	cp "$etc/tls/${pair%:*}.key" "$etc/tls/${pair#*:}.key"
done
chmod 755 "$etc/tls"
chmod 644 "$etc"/tls/*.pem
chmod 600 "$etc"/tls/*.key
"$(dirname "$0")/boot.sh" "$tree" "$(dirname "$0")/inside.py"

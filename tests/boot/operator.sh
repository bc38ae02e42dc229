# Sourced by the boots: what an operator writes, as docs/deploy.md says, and whether a container can be booted here.
# Sets nothing but functions.

# Says why and ends the test where this host cannot boot a container.
can_boot() {
	[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
	for tool in systemd-nspawn dbus-daemon openssl ip nsenter "$@"; do
		command -v "$tool" >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
	done
}

# Says what is missing and ends the test where TREE was built without a daemon.
is_whole() {
	for daemon in filter sensor camera uplink fusion hub; do
		[ -n "$(find "$1" -name "vedette-$daemon" -type f)" ] || { echo "1..0 # SKIP built without vedette-$daemon"; exit 0; }
	done
}

# operator_files SOURCE EXAMPLES ETC: a mast that talks to a centre on the same host, with the strait's feeds, a TCP feed that
# is not there, and a feed file with a mistake.
operator_files() {
	local source=$1 examples=$2 etc=$3 strait=$1/cli/scenes/strait
	mkdir -p "$etc"
	cp -a "$examples/." "$etc"
	rm -r "$etc"/feeds/* "$etc/units" "$etc/enrol.conf"
	cp -a "$strait"/feeds/*.conf "$etc/feeds"
	sed 's/^Connect=.*/Connect=10.77.1.14:10110/' "$examples/feeds/ais2.conf" >"$etc/feeds/ais2.conf"
	mkdir "$etc/feeds/ais1.conf.d"
	printf '[Feed]\nRate=0\n' >"$etc/feeds/ais1.conf.d/50-test.conf"
	printf '[Feed]\nFormat=radar\n' >"$etc/feeds/broken.conf"
	cp "$strait/sections.geojson" "$etc/sections.geojson"
	cp "$strait/policy-xa.conf" "$etc/policy.conf"
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
}

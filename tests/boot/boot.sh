#!/bin/bash
# Boots a real systemd over an overlay of this host's root with TREE copied into it, runs FACTS.py of this folder as the only
# job and exits as it did. usage: boot.sh TREE FACTS
#
# The overlay's upper layer is a tmpfs of its own: nspawn refuses its own root and overlays on overlays. The container gets
# the filter's capabilities and the bpf() call by name, or ambient capabilities in units are silently empty.
set -eu
tree=$1 facts=$2 here=$(dirname "$0")

dir=$(mktemp -d)
trap 'umount -q "$dir/t/root" || :; umount -q "$dir/t" || :; rm -rf "$dir"' EXIT
mkdir "$dir/t"
mount -t tmpfs -o size=2g,mode=755 tmpfs "$dir/t"
mkdir "$dir/t/upper" "$dir/t/work" "$dir/t/root"
root=$dir/t/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/t/upper,workdir=$dir/t/work" "$root"

# Only what our target pulls in starts.
rm -f "$root/etc/machine-id"
: >"$root/etc/machine-id"
rm -rf "$root"/run/* "$root"/etc/systemd/system/*.wants "$root"/etc/vedette
# Nobody reads manuals here.
rm -f "$root/var/lib/man-db/auto-update"
cp -a "$tree/." "$root/"
chmod 755 "$root"
install -D -m 644 -t "$root/opt/boot" "$here"/*.py

cat >"$root/etc/systemd/system/boot-test.target" <<'U'
[Unit]
Requires=basic.target dbus.service
After=basic.target dbus.service
Wants=boot-test.service
U
cat >"$root/etc/systemd/system/boot-test.service" <<U
[Unit]
After=basic.target dbus.service
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
Environment=HOME=/root PYTHONDONTWRITEBYTECODE=1
ExecStart=/usr/bin/python3 /opt/boot/$facts.py
StandardOutput=file:/boot-test.out
StandardError=inherit
U

rc=0
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout "${BOOT_TIMEOUT:-400}" systemd-nspawn -q -D "$root" --register=no --keep-unit --boot \
	--console=pipe --bind-ro="$dir/t/upper:/opt/upper" --private-network --capability=CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON --system-call-filter=bpf \
	systemd.unit=boot-test.target </dev/null >"$dir/console" 2>&1 || rc=$?
cat "$root/boot-test.out" 2>/dev/null || { tail -n 20 "$dir/console" | sed 's/^/# /'; echo "not ok - the container did not boot"; }
exit "$rc"

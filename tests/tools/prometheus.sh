#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# prometheus.sh BUILD: Debian's promtool and node_exporter, unpacked into BUILD/prometheus and not installed:
# the packages would start services. Prints the folder of the programs; 77 where they cannot be had.
set -uo pipefail
build=$(cd "$1" && pwd) || exit 1
root=$build/prometheus
if [ ! -x "$root/usr/bin/promtool" ] || [ ! -x "$root/usr/bin/prometheus-node-exporter" ]; then
    work=$(mktemp -d "$build/prometheus.XXXXXX") || exit 1
    trap 'rm -rf "$work"' EXIT
    if ! (cd "$work" && apt-get -q download prometheus prometheus-node-exporter >"$work/log" 2>&1) ||
        ! { for package in "$work"/*.deb; do dpkg -x "$package" "$work/root" || exit 1; done; }; then
        echo "skipped: apt-get cannot download prometheus and prometheus-node-exporter here: $(tail -1 "$work/log" 2>/dev/null)" >&2
        exit 77
    fi
    rm -rf "$root"
    mv "$work/root" "$root"
fi
printf '%s\n' "$root/usr/bin"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cockpit.sh BUILD: Debian's cockpit-ws and cockpit-bridge, unpacked into BUILD/cockpit and not installed: the
# package would start a service. Prints that folder; 77 where they cannot be had.
set -uo pipefail
build=$(cd "$1" && pwd) || exit 1
root=$build/cockpit
if [ ! -x "$root/usr/lib/cockpit/cockpit-ws" ] || [ ! -x "$root/usr/bin/cockpit-bridge" ]; then
    work=$(mktemp -d "$build/cockpit.XXXXXX") || exit 1
    trap 'rm -rf "$work"' EXIT
    if ! (cd "$work" && apt-get -q download cockpit-ws cockpit-bridge >"$work/log" 2>&1) ||
        ! { for package in "$work"/*.deb; do dpkg -x "$package" "$work/root" || exit 1; done; }; then
        echo "skipped: apt-get cannot download cockpit-ws and cockpit-bridge here: $(tail -1 "$work/log" 2>/dev/null)" >&2
        exit 77
    fi
    chmod 755 "$work/root"
    rm -rf "$root"
    mv "$work/root" "$root"
fi
printf '%s\n' "$root"

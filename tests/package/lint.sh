#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lint.sh BUILD: lintian finds no error in the .deb, and finds one in a .deb that is spoilt.
# shellcheck disable=SC2317 # must() calls functions
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash" "$1"
command -v lintian >/dev/null || skip "needs lintian"
deb=$(package 'evenkeel_*.deb') || { echo "$deb" && exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
must "lintian has no error to tell" lintian --allow-root --fail-on error "$deb"
must "nor in the page for Cockpit" lintian --allow-root --fail-on error "$(package 'cockpit-evenkeel_*_all.deb')"
must "nor in evenkeel-fleet" lintian --allow-root --fail-on error "$(package 'evenkeel-fleet_*.deb')"
dpkg-deb -R "$deb" "$work/spoilt"
rm "$work/spoilt/usr/share/doc/evenkeel/copyright" "$work/spoilt/DEBIAN/conffiles"
dpkg-deb --root-owner-group -b "$work/spoilt" "$work/spoilt.deb" >/dev/null
must "and has some of one without papers" bash -c "! lintian --allow-root --fail-on error '$work/spoilt.deb'"
exit $((lost > 0))

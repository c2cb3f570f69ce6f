#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# can_fail.sh BUILD: root.sh refuses a .deb with one line of its scripts or its configuration spoilt.
# shellcheck disable=SC2317 # must() calls functions
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash" "$1"
[ "$(id -u)" -eq 0 ] || skip "needs root, for a root folder of Debian's"
deb=$(package 'evenkeel_*.deb') || { echo "$deb" && exit 77; }
fleet=$(package 'evenkeel-fleet_*.deb') || { echo "$fleet" && exit 77; }
compgen -G "$build/package-root-*[a-z]" >/dev/null || skip "there is no root folder: root.sh makes it"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refused SENTENCE FILE EXPRESSION [DEB]: with that file of the package changed so, root.sh loses at that sentence.
refused() {
    local spoilt=$work/build deb=${4:-$deb}
    rm -rf "$spoilt" "$work/deb"
    mkdir "$spoilt"
    ln -s "$(realpath "$build")"/{package-root-*[a-z],evenkeel_*.deb,evenkeel-fleet_*.deb} "$spoilt/"
    rm "$spoilt/${deb##*/}"
    dpkg-deb -R "$deb" "$work/deb"
    cp "$work/deb/$2" "$work/before"
    sed -i -E "$3" "$work/deb/$2"
    ! cmp -s "$work/before" "$work/deb/$2" || { echo "nothing was changed in $2" && return 1; }
    dpkg-deb --root-owner-group -b "$work/deb" "$spoilt/${deb##*/}" >/dev/null
    "$here/root.sh" "$spoilt" >"$work/said"
    grep "LOST  $1" "$work/said" || { cat "$work/said" && return 1; }
}
must "services that are started past policy-rc.d" refused "nothing is started" DEBIAN/postinst \
    's/deb-systemd-invoke (reload|start)/systemctl \1/'
must "a package that acts" refused "and nothing would be changed" usr/lib/evenkeel/evenkeel.conf 's/act = no/act = yes/'
must "an upgrade that releases" refused "nothing is released" DEBIAN/prerm 's/= remove/!= never/'
must "a removal that does not release" refused "stopped first, then released" DEBIAN/prerm 's/timeout 60 evenkeelctl release/true/'
must "one that fails without libvirtd" refused "removed where no libvirtd is" DEBIAN/prerm \
    's/if is_owed .*/is_owed \&\& timeout 60 evenkeelctl release; if false; then/'
must "a purge that leaves state" refused "and then is not" DEBIAN/postrm 's, /var/lib/evenkeel,,'
must "a fleet that starts by itself" refused "it starts, stops and enables nothing" DEBIAN/postinst \
    's/systemctl daemon-reload/systemctl start evenkeel-fleet/' "$fleet"
must "a fleet that leaves its keys" refused "nothing is left" DEBIAN/postrm 's,rm -rf .*,:,' "$fleet"
exit $((lost > 0))

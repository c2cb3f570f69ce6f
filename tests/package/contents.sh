#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# contents.sh BUILD: what is in the packages, whose it is, and what it is made with.
# shellcheck disable=SC2317 # must() calls functions
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash" "$1"
command -v dpkg-deb >/dev/null || skip "needs dpkg"
deb=$(package 'evenkeel_*.deb') || { echo "$deb" && exit 77; }
tarball=$(package 'evenkeel-*.tar.gz')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# listed: modes and names of a listing of tar, without folders.
listed() { awk '!/^d/ { print $1, $6 }' | sed -E 's,^-rwxr-xr-x,755,; s,^-rw-r--r--,644,; s, \.?[^/ ]*/,  /,; s,  , ,' | sort -k 2; }
same() { diff <(wanted "$2" "${@:3}") <(printf '%s\n' "$1" | listed); }
owned() { ! grep -vE "^[-dl][-rwx]+ ($2) " <<<"$1"; }
files=$(dpkg-deb -c "$deb")
must "the .deb has what is installed, and papers" same "$files" programs "644 /usr/share/doc/evenkeel/changelog.gz" \
    "644 /usr/share/doc/evenkeel/copyright"
must "all of it is root's" owned "$files" root/root
files=$(tar -tvzf "$tarball")
must "the tarball has what is installed" same "$files" all
must "all of it is root's" owned "$files" 0/0

page=$(package 'cockpit-evenkeel_*_all.deb')
files=$(dpkg-deb -c "$page")
must "the page for Cockpit is a .deb of its own" same "$files" page "644 /usr/share/doc/cockpit-evenkeel/changelog.gz" \
    "644 /usr/share/doc/cockpit-evenkeel/copyright"
must "all of it is root's" owned "$files" root/root
must "it runs nothing" test "$(dpkg-deb --ctrl-tarfile "$page" | tar -t | sort | tr '\n' ' ')" = "./ ./control ./md5sums "

fleet=$(package 'evenkeel-fleet_*.deb')
files=$(dpkg-deb -c "$fleet")
must "evenkeel-fleet is a .deb of its own" same "$files" fleet "644 /usr/share/doc/evenkeel-fleet/changelog.gz" \
    "644 /usr/share/doc/evenkeel-fleet/copyright"
must "all of it is root's" owned "$files" root/root
must "its programs of a cluster are at hand" has 'pacemaker-cli-utils' < <(dpkg-deb -f "$fleet" Recommends)
dpkg-deb -R "$fleet" "$work/fleet"
must "nobody can enable it: a cluster starts it" test -z "$(grep -rxF '[Install]' "$work/fleet")"
must "its programs have no symbols but those they need" has '^0$' < <(nm "$work"/fleet/usr/sbin/* 2>/dev/null | grep -c ' [A-Za-z] ')
must "and no path of who built it" test -z "$(grep -rlF "$source" "$work/fleet")"
rm -rf "$work/fleet"

dpkg-deb -R "$deb" "$work"
conf=/etc/evenkeel/evenkeel.conf
must "the administrator's file is the one that upgrades leave alone" diff "$work/DEBIAN/conffiles" <(echo $conf)
must "and it says nothing" test -z "$(grep -vE '^(#.*)?$' "$work$conf")"
must "the folder is there where the page for Cockpit writes" test -d "$work$conf.d"
acts() { "$work/usr/sbin/$1" --config "$work$conf" --show-config | grep "^act"; }
for program in vcpu_scheduler memory_coordinator; do
    must "with it $program changes nothing" has "^act = no ; " < <(acts $program)
done
must "folders are open to all" test -z "$(find "$work/usr" "$work/etc" -type d ! -perm 755)"
must "no path of who built it is in it" test -z "$(grep -rlF "$source" "$work")"
must "its programs are hardened" "$source/tests/rules/hardening.sh" "$source" "$build"
for program in sbin/vcpu_scheduler sbin/memory_coordinator bin/evenkeelctl; do
    must "$program has no symbols but those it needs" has '^0$' < <(nm "$work/usr/$program" 2>/dev/null | wc -l)
done
exit $((lost > 0))

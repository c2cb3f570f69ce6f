#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rpm.sh BUILD: the .rpm's files and scripts, and that it can be installed into an empty root and erased. No
# more than that: no distribution of that kind is at hand, and nobody has signed it.
# shellcheck disable=SC2317 # must() calls functions
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash" "$1"
command -v rpm >/dev/null || skip "needs rpm"
rpm=$(package 'evenkeel-[0-9]*.rpm') || { echo "$rpm" && exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

listed() {
    rpm -qp --qf '[%{FILEMODES:octal} %{FILENAMES}\n]' "$1" | sed -n 's/^100//p' | grep -v /.build-id | sort -k 2
}
must "it has what is installed" diff <(wanted programs) <(listed "$rpm")
page=$(package 'cockpit-evenkeel-*.noarch.rpm')
must "the page for Cockpit is an .rpm of its own" diff <(wanted page) <(listed "$page")
must "which runs nothing" test -z "$(rpm -qp --scripts "$page")"
fleet=$(package 'evenkeel-fleet-*.rpm')
must "evenkeel-fleet is an .rpm of its own" diff <(wanted fleet) <(listed "$fleet")
acts() { rpm -qp --scripts "$fleet" | grep -E 'systemctl.*( |^)(start|enable|preset|restart|--now)'; }
must "no script of it starts or enables anything" test -z "$(acts)"
must "all of it is root's" test "$(rpm -qp --qf '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]' "$rpm" | sort -u)" = root:root
must "the administrator's file stays" test "$(rpm -qpc "$rpm")" = /etc/evenkeel/evenkeel.conf
scripts=$(rpm -qp --scripts "$rpm")
starts() { grep -E 'systemctl.*( |^)(start|enable|restart|--now)' <<<"$scripts" | grep -v disable; }
must "no script starts or enables a service" test -z "$(starts)"
must "presets decide" has 'preset evenkeel.target' <<<"$scripts"
must "removing it releases" has 'evenkeelctl release' <<<"$scripts"
if command -v rpmlint >/dev/null; then
    errors() { rpmlint "$rpm" "$page" "$fleet" 2>/dev/null | grep ' E: ' | grep -v ' E: no-signature'; }
    must "rpmlint has no error to tell, but that nobody has signed it" test -z "$(errors)"
else
    echo "  skipped: rpmlint is not installed"
fi
if [ "$(id -u)" -eq 0 ]; then
    root=$work/root
    must "it can be installed into an empty root" rpm --root "$root" --nodeps --noscripts -i "$rpm"
    must "as a whole" rpm --root "$root" --nodeps -V evenkeel
    must "and erased" rpm --root "$root" --nodeps --noscripts -e evenkeel
    must "evenkeel-fleet can be installed" rpm --root "$root" --nodeps --noscripts -i "$fleet"
    must "and erased as well" rpm --root "$root" --nodeps --noscripts -e evenkeel-fleet
    must "which leaves nothing" test -z "$(find "$root" -iname '*evenkeel*' ! -path '*/rpm/*')"
else
    echo "  skipped: needs root, to install it into an empty root"
fi
exit $((lost > 0))

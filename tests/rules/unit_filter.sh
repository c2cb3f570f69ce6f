#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All programs run to their end under the system call filter of the unit that ships them, and the
# same filter without its error number shows that this is no accident: libnuma, which libvirt loads,
# makes a refused call before main() on some releases, and is killed for it.
set -uo pipefail
source=$1
binary=$2
here=$(cd "$(dirname "$0")" && pwd)
bad=0

command -v systemd-analyze >/dev/null || {
    echo "skipped: systemd-analyze is not installed: the unit's system call filter cannot be expanded"
    exit 77
}
/usr/bin/python3 -c 'import seccomp' 2>/dev/null || {
    echo "skipped: python3-seccomp is not installed: the filter cannot be loaded"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

declare -A unit_of=([vcpu_scheduler]=vcpu [memory_coordinator]=memory)
for program in vcpu_scheduler memory_coordinator; do
    unit=$source/agent/install/evenkeel-${unit_of[$program]}.service.in
    run=("$binary/$program" --connect test:///default --once --dry-run --record "$work/$program"
        --json 1)
    if ! "$here/unit_filter.py" "$unit" "${run[@]}" >"$work/out" 2>&1; then
        cat "$work/out"
        echo "$program does not run under the filter of its unit" >&2
        bad=1
    fi
    # The proof that this test can fail: a filter that refuses what every program needs.
    sed '/^SystemCallFilter=/d; /^SystemCallErrorNumber=/d' "$unit" >"$work/unit"
    echo 'SystemCallFilter=@default' >>"$work/unit"
    if "$here/unit_filter.py" "$work/unit" "${run[@]}" >"$work/out" 2>&1; then
        echo "$program ran under a filter that allows next to nothing: this test shows nothing" >&2
        bad=1
    fi
    [ "$("$here/unit_filter.py" "$unit" "$(command -v nice)" -n 19 nice 2>&1)" = 19 ] || {
        echo "${unit##*/} lets no thread be nice: plans for questions would delay intervals" >&2
        bad=1
    }
    grep -qx 'SystemCallErrorNumber=EPERM' "$unit" || {
        echo "${unit##*/} kills for a refused call: SystemCallErrorNumber=EPERM is missing" >&2
        bad=1
    }
done
# The third one asks hosts, and starts programs of the cluster's and itself.
unit=$source/agent/install/evenkeel-fleet.service.in
printf 'test:///default name=a\ntest:///default name=b\n' >"$work/hosts"
for run in "$binary/evenkeel-fleet --hosts $work/hosts --window 1 check" "$(command -v env) /proc/self/exe true"; do
    # shellcheck disable=SC2086 # words
    "$here/unit_filter.py" "$unit" $run >"$work/out" 2>&1 || {
        cat "$work/out"
        echo "$run does not run under the filter of evenkeel-fleet's unit" >&2
        bad=1
    }
done
grep -qx 'SystemCallErrorNumber=EPERM' "$unit" || bad=1
exit "$bad"

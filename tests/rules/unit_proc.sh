#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the scheduler reads of the kernel can be read in the sandbox of its unit: without any capability,
# and even in a /proc without other users' processes. A /proc of processes alone would hide the busy
# times, so no unit may ask for one; that it would shows that this test can fail. Nor may a unit hide
# other users' processes, which may be what fights it; and none may be restarted with libvirt's daemons.
set -uo pipefail
source=$1
binary=$2
bad=0

for unit in "$source"/agent/install/*.service.in; do
    if grep -q '^ProcSubset=pid' "$unit"; then
        echo "${unit##*/}: ProcSubset=pid hides /proc/stat" >&2
        bad=1
    fi
    if grep -q '^ProtectProc=' "$unit"; then
        echo "${unit##*/}: ProtectProc= hides other programs" >&2
        bad=1
    fi
    if grep -E '^(Requires|Requisite|BindsTo|PartOf|Upholds|PropagatesReloadTo)=' "$unit" | grep -v '=evenkeel.target$'; then
        echo "${unit##*/} is stopped or started with another unit" >&2
        bad=1
    fi
done
[ "$bad" = 0 ] || exit 1
if [ "$(id -u)" != 0 ] || ! unshare --mount --pid --fork true 2>/dev/null; then
    echo "this user may not make namespaces: the sandbox cannot be tried"
    exit 77
fi

# confined OPTIONS: reads this machine's busy times under a /proc mounted so.
confined() {
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount --pid --fork sh -c '
        mount -t proc -o "nosuid,nodev,noexec,$1" proc /proc || exit 2
        exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$2"' \
        sh "$1" "$binary/unit_test_local_host"
}
if ! confined hidepid=2 >/dev/null 2>&1; then
    confined hidepid=2
    echo "the kernel's figures cannot be read in the sandbox of the unit" >&2
    bad=1
fi
if confined hidepid=2,subset=pid >/dev/null 2>&1; then
    echo "busy times were read where /proc has none: this test shows nothing" >&2
    bad=1
fi
exit "$bad"

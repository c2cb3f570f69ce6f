#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the units could do if the programs were taken over: systemd-analyze gives each at most 1.0 of 10,
# and 1.6 where other hosts are asked over the network.
set -uo pipefail
source=$1
bad=0

command -v systemd-analyze >/dev/null || {
    echo "skipped: systemd-analyze is not installed: no unit can be judged"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for unit in "$source"/agent/install/*.service.in; do
    name=${unit##*/}
    name=${name%.in}
    most=10 # tenths
    [ "$name" != evenkeel-fleet.service ] || most=16
    sed 's|@bin@|/usr/bin|; s|@sbin@|/usr/sbin|; s|@etc@|/etc|' "$unit" >"$work/$name"
    if said=$(systemd-analyze security --offline=yes --threshold="$most" "$work/$name" 2>&1); then
        printf '%s\n' "$said" | grep -o 'Overall exposure level.*'
    else
        printf '%s\n' "$said" >&2
        echo "$name is exposed more than $((most / 10)).$((most % 10))" >&2
        bad=1
    fi
done
exit "$bad"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each kind of entry in the journal is explained once in the catalogue that is installed, and journalctl
# takes that.
set -uo pipefail
catalog=$1/agent/install/evenkeel.catalog
bad=0

difference=$(diff <(sed -nE 's/^    \[EVENT_[A-Z_]+\] = "([0-9a-f]{32})",$/\1/p' "$1/agent/base/event.c" | sort) \
    <(sed -nE 's/^-- ([0-9a-f]{32})$/\1/p' "$catalog" | sort)) || {
    echo "the program's kinds of entries and the catalogue's are others: $difference" >&2
    bad=1
}
fields=$(grep -oE '@[A-Z_]+@' "$catalog" | tr -d '@' | sort -u)
for field in $fields; do
    grep -q "\"$field\"" "$1/agent/base/event.c" || {
        echo "the catalogue names the field $field, which no entry has" >&2
        bad=1
    }
done
command -v journalctl >/dev/null || {
    echo "skipped: journalctl is not installed: nothing reads the catalogue"
    exit $((bad ? bad : 77))
}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog"
cp "$catalog" "$root/usr/lib/systemd/catalog"
if ! said=$(journalctl --update-catalog --root="$root" 2>&1) || [ -n "$said" ]; then
    echo "journalctl does not take the catalogue: $said" >&2
    bad=1
fi
n=$(journalctl --list-catalog --root="$root" 2>/dev/null | grep -c 'Evenkeel: ')
[ "$n" -eq "$(grep -c '^-- ' "$catalog")" ] || {
    echo "journalctl finds $n entries in it" >&2
    bad=1
}
echo "$n kinds of entries"
exit "$bad"

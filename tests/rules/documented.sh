#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every option of a program is in its manual page and in the README, and neither has one that does
# not exist; the manual pages are well-formed.
set -uo pipefail
source=$1
binary=$2
bad=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in vcpu_scheduler memory_coordinator; do
    page=$source/agent/install/$program.8
    mandoc -T lint -W warning "$page" >&2 || complain "$program.8 is not well-formed"
    sed -n 's/^\.It Fl -\([a-z-]*\).*/--\1/p' "$page" >"$work/page"
    "$binary/$program" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/$program"
    while read -r option; do
        grep -qxF -- "$option" "$work/page" || complain "$program.8 does not tell of $option"
        grep -qF -- "\`$option" "$source/README.md" || complain "README.md does not tell of $option"
    done <"$work/$program"
    while read -r option; do
        grep -qxF -- "$option" "$work/$program" || complain "$program.8 tells of $option, which does not exist"
    done <"$work/page"
done
sort -u "$work/vcpu_scheduler" "$work/memory_coordinator" >"$work/real"
sed -n '/^## Options/,/^## What it reports/p' "$source/README.md" |
    grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/readme"
while read -r option; do
    grep -qxF -- "$option" "$work/real" || complain "README.md tells of $option, which no program has"
done <"$work/readme"
printf '%d options checked\n' "$(wc -l <"$work/real")"
exit "$bad"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the programs tell Prometheus, with each metric once and the same help: evenkeel(7) lists exactly
# that, and alerts and dashboard ask for nothing else.
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

umask 077
"$binary/vcpu_scheduler" 2 --simulate demo-cpu --quiet --metrics-file "$work/vcpu.prom" || complain "it ends badly"
"$binary/memory_coordinator" 2 --simulate demo-memory --quiet --metrics-file "$work/memory.prom" || complain "it ends badly"
# A cluster that is a file, asked by tools that are one of the tests' own.
mkdir "$work/fleet" "$work/tools"
for tool in cibadmin crm_mon crm_diff crm_simulate; do ln -s "$source/tests/fleet/engine.py" "$work/tools/$tool"; done
python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1]); import cibs; print(cibs.drifted(0).document())' \
    "$source/tests/fleet" >"$work/cib.xml"
FAKE_CIB=$work/cib.xml PATH=$work/tools:$PATH "$binary/evenkeel-fleet" run --every 1 --wait 20 \
    --metrics-file "$work/fleet/fleet.prom" 2>"$work/fleet/said" &
fleet=$!
for _ in {1..600}; do
    grep -qs 'result="arrived"} [1-9]' "$work/fleet/fleet.prom" && break
    sleep 0.1
done
cp -p "$work/fleet/fleet.prom" "$work/fleet.prom" || complain "evenkeel-fleet has no metrics: $(cat "$work/fleet/said")"
kill "$fleet"
wait "$fleet" || complain "evenkeel-fleet ends badly"
for file in vcpu memory fleet; do
    [ "$(stat -c %a "$work/$file.prom")" = 644 ] || complain "$file.prom cannot be read by everybody"
    grep -vE '^#' "$work/$file.prom" | grep -vE '^[a-z_]+(\{[^}]*\})? [-0-9.e+]+$' &&
        complain "$file.prom has lines with something beside a value, as a time"
    # A family that is never there would pass for one that is.
    comm -23 <(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$work/$file.prom" | sort) \
        <(sed -nE 's/^([a-z_]+)[{ ].*/\1/p' "$work/$file.prom" | sed -E 's/_(bucket|sum|count)$//' | sort -u) >"$work/empty"
    [ -s "$work/empty" ] && complain "$file.prom has nothing of: $(tr '\n' ' ' <"$work/empty")"
done
sed -n 's/^# HELP \([^ ]*\) .*/\1/p' "$work"/*.prom | sort -u >"$work/told"
help=$(sed -n 's/^# HELP //p' "$work"/*.prom | sort -u | cut -d' ' -f1 | uniq -d)
[ -z "$help" ] || complain "two programs describe with other words: $help"
common=$(sort <(grep -h '^# HELP' "$work/vcpu.prom") <(grep -h '^# HELP' "$work/memory.prom") | uniq -d | cut -d' ' -f3)
for name in $common; do
    grep -hE "^$name(_bucket|_sum|_count)?[{ ]" "$work"/*.prom | grep -vq '{program="' && complain "$name lacks the label program"
done
sed -nE 's/^\.It Li (evenkeel_[a-z_]+).*/\1/p' "$source/agent/install/evenkeel.7" | sort >"$work/listed"
difference=$(diff "$work/listed" "$work/told") || complain "evenkeel(7) lists other metrics than there are:
$difference"
sed -nE 's/^([a-z_]+)[{ ].*/\1/p' "$work"/*.prom | sort -u >"$work/series"
# asked FILE: what it asks for exists.
asked() {
    local name n=0
    while read -r name; do
        n=$((n + 1))
        grep -qxF -- "$name" "$work/series" || complain "$1 asks for $name, which nobody tells"
    done < <(grep -oE 'evenkeel_[a-z_]+' "$source/agent/install/prometheus/$1" | sort -u)
    [ "$n" -gt 8 ] || complain "$1 asks for $n metrics only: nothing was compared"
}
asked evenkeel.rules.yml
asked dashboard.json
python3 -m json.tool "$source/agent/install/prometheus/dashboard.json" >/dev/null || complain "dashboard.json is no JSON"
printf '%d metrics checked\n' "$(wc -l <"$work/told")"
exit "$bad"

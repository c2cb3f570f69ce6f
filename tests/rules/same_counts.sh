#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Same problem, same plan and same counts, whoever compiled it: compares this build's with those of
# every other build beside it.
set -uo pipefail
source=$1 binary=$2

# counts BUILD
counts() {
    local objective
    for objective in deviation variance; do
        timeout 300 "$1/bench_plan" --counts --size 8x4 --size 16x8 --size 24x6 --seeds 1-2 \
            --objective "$objective" || return 1
    done
}

[ -x "$binary/bench_plan" ] || { echo "skipped: no benchmark in $binary" && exit 77; }
mine=$(counts "$binary") || { echo "bench_plan failed" >&2 && exit 1; }
compared=0
for other in "$source"/build "$source"/build-*; do
    [ -x "$other/bench_plan" ] || continue
    [ ! "$other" -ef "$binary" ] || continue
    # An older build of other sources says nothing.
    [ -z "$(find "$source/models" "$source/tests/bench" "$source/tests/model" -name '*.[ch]' \
        -newer "$other/bench_plan" -print -quit)" ] || continue
    if ! difference=$(diff <(counts "$other") - <<<"$mine"); then
        printf '%s and %s differ:\n%s\n' "$other" "$binary" "$difference" >&2
        exit 1
    fi
    compared=$((compared + 1))
done
printf '%d runs, compared with %d other builds\n' "$(wc -l <<<"$mine")" "$compared"
[ "$compared" -gt 0 ] || { echo "skipped: no other build of these sources to compare with" && exit 77; }

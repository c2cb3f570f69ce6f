#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Includes point down only, as tests/rules/order has it, and are written from the root. The two pure
# layers take nothing from the system but the C library's arithmetic, memory and strings; libvirt and
# GLPK are each included in one file.
set -uo pipefail
rules=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/rules/edges.bash
. "$rules/edges.bash"
cd "$1" || exit 1

missing=0
while read -r file kind name; do
    if [ "$kind" = q ] && [ ! -f "$name" ]; then
        echo "$file: $name does not exist" >&2
        missing=1
    fi
done < <(include_lines)

include_lines | awk '
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    function complain(text) { print $1 ": " text > "/dev/stderr"; bad = 1 }
    BEGIN {
        pure = "^(assert|ctype|errno|float|inttypes|limits|math|setjmp|stdarg|stdbool|stddef|stdint"
        pure = pure "|stdio|stdlib|string)\\.h$"
        only["glpk.h"] = "models/lp/solver_glpk.c"
        only["libvirt"] = "agent/host/host_libvirt"
    }
    FILENAME != "-" {
        if ($1 !~ /^#/) {
            level++
            for (i = 1; i <= NF; i++) rank[$i] = level
        }
        next
    }
    {
        count++
        here = folder($1)
        layer = $1
        sub(/\/.*/, "", layer)
        library = $3
        sub(/\/.*/, "", library)
    }
    !(here in rank) { complain(here " has no place in tests/rules/order"); next }
    $2 == "q" {
        there = folder($3)
        if ($3 ~ /^\.\.?\// || !(there in rank))
            complain("write \"" $3 "\" from the root, inside a layer")
        else if (here != there && rank[there] >= rank[here])
            complain(here " may not include " $3)
        next
    }
    library in only {
        if (index($1, only[library]) != 1) complain($3 " belongs in " only[library])
        next
    }
    layer != "agent" && $3 !~ pure { complain(layer " is pure and may not include <" $3 ">") }
    END {
        if (!count) { print "no include found: is this the right tree?" > "/dev/stderr"; bad = 1 }
        print count + 0 " includes checked"
        exit bad
    }' "$rules/order" - || missing=1
exit "$missing"

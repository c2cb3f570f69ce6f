#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the objects of the build ask of each other: calls point down only, as tests/rules/order has it.
# What the two pure layers ask of the rest of the world: memory, strings, arithmetic, formatting into
# memory, and GLPK from one object. No clock, file, environment or libvirt.
set -uo pipefail
rules=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/rules/edges.bash
. "$rules/edges.bash"

pure='malloc|calloc|realloc|reallocarray|free|abort'
pure+='|mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|cpy|ncpy|dup|ndup|str|spn|cspn)'
pure+='|strto(d|l|ll|ul|ull)|isalnum|isalpha|isdigit|isspace|isprint|tolower|toupper|__ctype_[a-z_]+'
pure+='|v?snprintf|open_memstream|v?fprintf|fputs|fputc|putc|fwrite|fflush|fclose|ferror'
pure+='|qsort|bsearch|abs|labs|llabs|l?l?(round|rint)l?|(floor|ceil|fabs|sqrt|pow|exp2?|log|log1p|expm1|erfc'
pure+='|log2|fmax|fmin|fmod|trunc|hypot|cbrt|ldexp|frexp|fma|nearbyint|copysign|nextafter)'
pure+='|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__isnan|__isinf|__fpclassify'
# The same functions with FORTIFY's checks of lengths.
pure+='|__(mem(cpy|move|set)|st[rp](n?cpy|cat)|strncat|v?snprintf|v?fprintf)_chk|__explicit_bzero_chk'
# What the compiler itself adds to choose between versions of one function for this processor.
pure+='|__cpu_indicator_init|__cpu_model'
glpk='glp_.*|_?_?sig(set|long)jmp|_?_?(set|long)jmp|_?_?longjmp_chk'

cd "$1" || exit 1
call_lines "$2" | awk -v pure="^($pure)\$" -v glpk="^($glpk)\$" '
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    function complain(text) { print $1 ".c: " text > "/dev/stderr"; bad = 1 }
    FILENAME != "-" {
        if ($1 !~ /^#/) {
            level++
            for (i = 1; i <= NF; i++) rank[$i] = level
        }
        next
    }
    { count++; here = folder($1); there = folder($3) }
    !(here in rank) { complain(here " has no place in tests/rules/order"); next }
    $3 != "-" {
        if (here != there && rank[there] >= rank[here])
            complain(here " may not call " $2 " of " $3 ".c")
        next
    }
    here ~ /^agent/ || $2 ~ pure { next }
    $1 == "models/lp/solver_glpk" && $2 ~ glpk { next }
    { complain("calls " $2 ", which is not on the list of pure functions") }
    END {
        if (!count) { print "no object of ours in the build" > "/dev/stderr"; bad = 1 }
        print count + 0 " calls checked"
        exit bad
    }' "$rules/order" -

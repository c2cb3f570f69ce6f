#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the archives of the two pure layers ask of the rest of the world: memory, strings, arithmetic,
# formatting into memory, and GLPK from one object. No clock, file, environment or libvirt.
set -uo pipefail
binary=$2

allowed='malloc|calloc|realloc|reallocarray|free|abort'
allowed+='|mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|cpy|ncpy|dup|ndup|str|spn|cspn)'
allowed+='|strto(d|l|ll|ul|ull)|isalnum|isalpha|isdigit|isspace|isprint|tolower|toupper|__ctype_[a-z_]+'
allowed+='|v?snprintf|open_memstream|v?fprintf|fputs|fputc|putc|fwrite|fflush|fclose|ferror'
allowed+='|qsort|bsearch|abs|labs|llabs|l?l?(round|rint)l?|(floor|ceil|fabs|sqrt|pow|exp2?|log|log1p|expm1'
allowed+='|log2|fmax|fmin|fmod|trunc|hypot|cbrt|ldexp|frexp|fma|nearbyint|copysign|nextafter)'
allowed+='|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__isnan|__isinf|__fpclassify'
# The same functions with FORTIFY's checks of lengths.
allowed+='|__(mem(cpy|move|set)|st[rp](n?cpy|cat)|strncat|v?snprintf|v?fprintf)_chk|__explicit_bzero_chk'
# What the compiler itself adds to choose between versions of one function for this processor.
allowed+='|__cpu_indicator_init|__cpu_model'

bad=0
# undefined ARCHIVE: lines "object symbol".
undefined() {
    nm -A -u "$1" | sed -nE 's/^[^:]*:([^:]+):.* U (.*)$/\1 \2/p' | sed 's/@.*//' | sort -u
}
defined=$(nm --defined-only "$binary/libmodels.a" "$binary/libplanner.a" 2>/dev/null |
    awk 'NF == 3 { print $3 }' | sort -u)
if [ -z "$defined" ]; then
    echo "no archive in $binary" >&2
    exit 1
fi
count=0
for layer in models planner; do
    while read -r object symbol; do
        count=$((count + 1))
        [[ "$symbol" =~ ^($allowed)$ ]] && continue
        [[ "$object" = solver_glpk.c.o && "$symbol" =~ ^(glp_.*|_?_?sig(set|long)jmp|_?_?(set|long)jmp|_?_?longjmp_chk)$ ]] && continue
        grep -qxF -- "$symbol" <<<"$defined" && continue
        echo "lib$layer.a: $object calls $symbol, which is not on the list of pure functions" >&2
        bad=1
    done < <(undefined "$binary/lib$layer.a")
done
printf '%d calls checked\n' "$count"
exit "$bad"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Layers include downwards only: agent -> planner -> models. Includes are written from the root. The
# two pure layers take nothing from the system but the C library's arithmetic, memory and strings;
# libvirt and GLPK are each included in one file.
set -uo pipefail
source=$1
cd "$source" || exit 1

pure='assert|ctype|errno|float|inttypes|limits|math|setjmp|stdarg|stdbool|stddef|stdint|stdio|stdlib|string'
bad=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}

# check FILE KIND NAME: one include, KIND is q(uoted) or s(ystem).
check() {
    local layer=${1%%/*}
    case "$2:$3" in
    q:models/*) ;;
    q:planner/*) [ "$layer" != models ] || complain "$1: models may not include $3" ;;
    q:agent/*) [ "$layer" = agent ] || complain "$1: $layer may not include $3" ;;
    q:*) complain "$1: write \"$3\" from the root, inside a layer" ;;
    s:libvirt/*) [ "$1" = agent/host/host_libvirt.c ] || complain "$1: libvirt belongs in agent/host/host_libvirt.c" ;;
    s:glpk.h) [ "$1" = models/lp/solver_glpk.c ] || complain "$1: GLPK belongs in models/lp/solver_glpk.c" ;;
    s:*)
        [ "$layer" = agent ] || [[ "$3" =~ ^($pure)\.h$ ]] ||
            complain "$1: $layer is pure and may not include <$3>"
        ;;
    esac
    [ "$2" = s ] || [ -f "$3" ] || complain "$1: $3 does not exist"
}

count=0
while IFS=: read -r file line; do
    [[ "$line" =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*([\"\<])([^\">]+) ]] || continue
    kind=q
    [ "${BASH_REMATCH[1]}" = '"' ] || kind=s
    check "$file" "$kind" "${BASH_REMATCH[2]}"
    count=$((count + 1))
done < <(grep -rE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' models planner agent)

[ "$count" -gt 0 ] || complain "no include found: is this the right tree?"
printf '%d includes checked\n' "$count"
exit "$bad"

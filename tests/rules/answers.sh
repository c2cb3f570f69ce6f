#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A plan that is applied has passed through GLPK's answer and the checker. In planner/vcpu only
# consult.c asks for placements, only diff.c writes where vCPUs go, from nothing but an answer, and
# and the loop has every plan checked; only certify.c in models/ makes an answer's placement.
set -uo pipefail
cd "$1" || exit 1
bad=0
count=0
# only FILE FOLDER PATTERN SENTENCE: no other file of the folder has the pattern.
only() {
    local found
    count=$((count + 1))
    found=$(grep -rlE --include='*.c' -- "$3" "$2" | grep -vxF -- "$1")
    [ -z "$found" ] && return
    printf '%s: %s\n' "$(tr '\n' ' ' <<<"$found" | sed 's/ $//')" "$4" >&2
    bad=1
}
# has FILE PATTERN SENTENCE
has() {
    count=$((count + 1))
    grep -qE -- "$2" "$1" && return
    printf '%s: %s\n' "$1" "$3" >&2
    bad=1
}

only planner/vcpu/consult.c planner/vcpu '\b(placement_solve|certify_placement|hold_solution)\(' \
    'only consult.c asks for placements'
only planner/vcpu/diff.c planner/vcpu '(\.|->)(to_pcpu|n_pins) *(= *[^0= ]|\+\+|\+=)' \
    'only diff.c writes where vCPUs go'
only models/certify/certify.c models/certify '\banswer(\.|->)bin_of *=[^=]' \
    "only certify.c makes an answer's placement"
has planner/vcpu/diff.h 'const struct placement_answer \*answer' 'a plan is made of an answer and nothing else'
has agent/vcpu_loop.c '\bvcpu_check\(' 'every plan is checked'
printf '%d paths checked\n' "$count"
exit "$bad"

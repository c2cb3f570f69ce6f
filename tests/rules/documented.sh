#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every option of a program is in its manual page and in the README with the same name for its value,
# and neither has one that does not exist; the manual pages are well-formed.
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

tick=$'\x60'
# Each prints an option and the name of its value in a line, in capitals: "--match GLOB".
in_help() { sed -nE 's/^ {2,6}(-., )?(--[a-z-]+)=?([^ ]*).*/\2 \3/p' | sed 's/ $//'; }
in_page() {
    sed -nE 's/ Ns \| Ns Ar /|/; /^\.It Fl/s/, Fl/\n.It Fl/g; /^\.It Fl/p' "$1" |
        sed -nE 's/^\.It Fl -([a-z-]+) ?(Ar (.*))?$/--\1 \U\3/p' | sed 's/ $//'
}
in_readme() {
    sed -n '/^## Options/,/^## What it reports/p' "$1" | grep -oE '^\| [^|\\]+(\\\|[^|]*)?\|' |
        grep -oE -- "$tick--[^$tick]*$tick" | sed "s/[$tick\\\\]//g"
}

for program in vcpu_scheduler memory_coordinator; do
    page=$source/agent/install/$program.8
    mandoc -T lint -W warning "$page" >&2 || complain "$program.8 is not well-formed"
    in_page "$page" >"$work/page"
    "$binary/$program" --help | in_help | sort -u >"$work/$program"
    in_readme "$source/README.md" >"$work/readme"
    while read -r option; do
        grep -qxF -- "$option" "$work/page" || complain "$program.8 does not tell of $option"
        grep -qxF -- "$option" "$work/readme" || complain "README.md does not tell of $option"
    done <"$work/$program"
    while read -r option; do
        grep -qxF -- "$option" "$work/$program" || complain "$program.8 tells of $option, which does not exist"
    done <"$work/page"
done

# Keys of the configuration: those that --show-config prints.
in_conf() {
    sed -n "/^\.Ss Both sections/,/^\.Ss/p; /^\.Ss In \[$1\]/,/^\.S[sh]/p" "$source/agent/install/evenkeel.conf.5" |
        sed -n 's/^\.It Cm //p' | sed 's/ , /\n/g' | sort -u
}
for program in vcpu_scheduler memory_coordinator; do
    section=$([ "$program" = vcpu_scheduler ] && echo vcpu || echo memory)
    "$binary/$program" --show-config | sed -nE 's/^(; )?([a-z-]+) (=|is not set).*/\2/p' | sort -u >"$work/keys"
    difference=$(diff "$work/keys" <(in_conf "$section")) ||
        complain "evenkeel.conf.5 does not tell of the keys that $program has: $difference"
done
# evenkeelctl's commands and options.
if [ -f "$source/agent/install/evenkeelctl.1" ]; then
    difference=$(diff <("$binary/evenkeelctl" --help | sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p; s/^ {2,6}(-., )?(--[a-z-]+).*/\2/p' | sort -u) \
        <(sed -nE 's/^\.It Cm ([a-z-]+).*/\1/p; s/^\.It (Fl [a-z] , )?Fl -([a-z-]+).*/--\2/p' "$source/agent/install/evenkeelctl.1" | sort -u)) ||
        complain "evenkeelctl.1 and evenkeelctl --help differ: $difference"
fi
for program in evenkeel-fleet evenkeel-one; do
    difference=$(diff <("$binary/$program" --help | sed -nE 's/^  ([a-z][a-z-]*)  .*/\1/p; s/^ {2,6}(-., )?(--[a-z-]+).*/\2/p' | sort -u) \
        <(sed -nE 's/^\.It Cm ([a-z-]+).*/\1/p; s/^\.It (Fl [a-z] , )?Fl -([a-z-]+).*/--\2/p' "$source/agent/install/$program.8" | sort -u)) ||
        complain "$program.8 and $program --help differ: $difference"
done
sort -u "$work/vcpu_scheduler" "$work/memory_coordinator" >"$work/real"
sed -n '/^## Options/,/^## What it reports/p' "$source/README.md" |
    grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/readme"
while read -r option; do
    grep -qE -- "^$option( |$)" "$work/real" || complain "README.md tells of $option, which no program has"
done <"$work/readme"
printf '%d options checked\n' "$(wc -l <"$work/real")"
exit "$bad"

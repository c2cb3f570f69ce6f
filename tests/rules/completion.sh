#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the shells complete is what --help lists: the options of each program, with a value or
# without. Each shell is asked itself; one that is not installed is left out, aloud.
# shellcheck disable=SC2317
set -uo pipefail
binary=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
asked=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}

# Called by their names. Each prints one option in a line, with "=" behind it where it takes a value.
ask_bash() {
    # shellcheck disable=SC2016
    bash --norc -c '. "$1"; COMP_WORDS=("$2" --) COMP_CWORD=1; "_$2"
        for option in "${COMPREPLY[@]}"; do
            COMP_WORDS=("$2" "$option" "") COMP_CWORD=2; "_$2"
            case " ${COMPREPLY[*]} " in *" --help "*) echo "$option" ;; *) echo "$option=" ;; esac
        done' - "$1" "$2"
}
ask_zsh() {
    # shellcheck disable=SC2016
    zsh -f -c '_arguments() { print -rl -- "$@" }; . "$1"' - "$1" |
        sed -nE 's/^\*?(--[a-z-]+=?)\[.*/\1/p'
}
ask_fish() {
    # shellcheck disable=SC2016
    fish --no-config -c 'source $argv[1]; complete -C "$argv[2] --"' "$1" "$2" | cut -f 1 |
        while read -r option; do
            if grep -qE -- "-l ${option#--} (-s . )?-[rx] " "$1"; then echo "$option="; else echo "$option"; fi
        done
}

# compare SHELL PROGRAM FILE: whether the shell knows the options of the program's help.
compare() {
    "ask_$1" "$3" "$2" | sort -u | diff "$work/$2" - >"$work/difference"
}

for program in vcpu_scheduler memory_coordinator; do
    "$binary/$program" --help | sed -nE 's/^ {2,6}(-., )?(--[a-z-]+=?).*/\2/p' | sort -u >"$work/$program"
    for shell in bash zsh fish; do
        file=("$binary/completions/$shell/"{,_}"$program"{,.fish})
        mapfile -t file < <(ls "${file[@]}" 2>/dev/null)
        if ! command -v "$shell" >/dev/null; then
            printf 'not asked: %s\n' "$shell"
            continue
        fi
        asked=$((asked + 1))
        compare "$shell" "$program" "${file[0]}" ||
            complain "$shell does not complete what $program --help lists:
$(cat "$work/difference")"
        # One option less has to be noticed.
        sed -E 's/--dry-run//; /(--|-l )dry-run/d' "${file[0]}" >"$work/less"
        ! compare "$shell" "$program" "$work/less" || complain "$shell: an option that is missing is not noticed"
    done
done
# evenkeelctl's commands and options.
"$binary/evenkeelctl" --help | sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p; s/^ {2,6}(-., )?(--[a-z-]+).*/\2/p' | sort -u >"$work/ctl"
if command -v fish >/dev/null; then
    # shellcheck disable=SC2016
    fish --no-config -c 'source $argv[1]; complete -C "evenkeelctl "; complete -C "evenkeelctl --"' \
        "$binary/completions/fish/evenkeelctl.fish" | cut -f 1 | sort -u | diff "$work/ctl" - ||
        complain "fish does not complete what evenkeelctl --help lists"
fi
# shellcheck disable=SC2016
bash --norc -c '. "$1"; COMP_WORDS=(evenkeelctl "") COMP_CWORD=1; _evenkeelctl; printf "%s\n" "${COMPREPLY[@]}"' - \
    "$binary/completions/bash/evenkeelctl" | sort -u | diff "$work/ctl" - ||
    complain "bash does not complete what evenkeelctl --help lists"
# Those of evenkeel-fleet and evenkeel-one.
for program in fleet one; do
    "$binary/evenkeel-$program" --help | sed -nE 's/^  ([a-z][a-z-]*)  .*/\1/p; s/^ {2,6}(-., )?(--[a-z-]+).*/\2/p' |
        sort -u >"$work/$program"
    if command -v fish >/dev/null; then
        # shellcheck disable=SC2016
        fish --no-config -c 'source $argv[1]; complete -C "$argv[2] "; complete -C "$argv[2] --"' \
            "$binary/completions/fish/evenkeel-$program.fish" "evenkeel-$program" | cut -f 1 | sort -u |
            diff "$work/$program" - || complain "fish does not complete what evenkeel-$program --help lists"
    fi
    # shellcheck disable=SC2016
    bash --norc -c '. "$1"; COMP_WORDS=("$2" "") COMP_CWORD=1; "_${2/-/_}"; printf "%s\n" "${COMPREPLY[@]}"' - \
        "$binary/completions/bash/evenkeel-$program" "evenkeel-$program" | sort -u | diff "$work/$program" - ||
        complain "bash does not complete what evenkeel-$program --help lists"
done
[ "$asked" -gt 0 ] || complain "no shell was asked"
printf '%d completions compared\n' "$asked"
exit "$bad"

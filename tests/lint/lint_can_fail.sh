#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lint_can_fail.sh SOURCE BUILD: every linter refuses a build of one file with a fault for each, and names
# what it found.
set -uo pipefail
lint=$1/tests/lint
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/tests"
cp "$1/.clang-tidy" "$work/"
cp "$1/tests/.clang-tidy" "$work/tests/"
cat >"$work/spoiled.c" <<'END'
#include <stdlib.h>
#include <string.h>

int spoiled(const char *from, int n);
int spoiled(const char *from, int n)
{
    unsigned size = n;
    char *copy = malloc(strlen(from + 1));
    int last[4] = {0};

    if (!copy)
        return 0;
    free(copy);
    return last[4] + copy[size];
}
END
printf '[{"directory": "%s", "command": "%s -Wconversion -c -o spoiled.o spoiled.c", "file": "%s/spoiled.c"}]\n' \
    "$work" "$(command -v clang)" "$work" >"$work/compile_commands.json"

# refuses LINTER WORDS
refuses() {
    local out
    out=$("$lint/$1" "$work" "$work" 2>&1)
    case $? in
    77) echo "$out" ;;
    0)
        echo "$1 accepted: $2" >&2
        bad=1
        ;;
    *) grep -qF -- "$2" <<<"$out" || {
        printf '%s failed without saying "%s":\n%s\n' "$1" "$2" "$out" >&2
        bad=1
    } ;;
    esac
}
refuses tidy.py 'bugprone-misplaced-operator-in-strlen-in-alloc'
refuses tidy.py 'clang-analyzer-unix.Malloc'
refuses clang_warns.py 'Wsign-conversion'
refuses cppcheck.sh 'arrayIndexOutOfBounds'
exit "$bad"

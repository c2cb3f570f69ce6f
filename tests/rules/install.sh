#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What an installation puts into an empty root: exactly the files of tests/rules/installed with their
# modes, manual pages that are well-formed, units that start programs which are there, and programs
# that run from there.
set -uo pipefail
binary=$2
bad=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$binary/CMakeCache.txt")
if [ -z "$prefix" ] || ! DESTDIR=$root cmake --install "$binary" >"$root.log" 2>&1; then
    cat "$root.log" >&2
    rm -f "$root.log"
    echo "cmake --install $binary failed" >&2
    exit 1
fi
rm -f "$root.log"

difference=$(diff "$1/tests/rules/installed" <(cd "$root$prefix" && find . ! -type d -printf '%m %P\n' | sort -k 2)) ||
    complain "what is installed is not what tests/rules/installed says:
$difference"
outside=$(find "$root" ! -type d ! -path "$root$prefix/*")
[ -z "$outside" ] || complain "outside of $prefix: $outside"

shopt -s nullglob
for page in "$root$prefix"/share/man/man*/*; do
    mandoc -T lint -W warning "$page" >&2 || complain "${page##*/} is not well-formed"
done
for unit in "$root$prefix"/lib/systemd/system/*.service; do
    while read -r program; do
        [ -x "$root$program" ] || complain "${unit##*/} starts $program, which is not installed"
    done < <(sed -nE 's/^Exec[A-Za-z]*=[-@:+!]*([^ ]+).*/\1/p' "$unit")
done
for program in vcpu_scheduler memory_coordinator; do
    said=$("$root$prefix/sbin/$program" --version 2>&1) || complain "$program --version fails: $said"
    page=$root$prefix/share/man/man8/$program.8
    [ -f "$page" ] || complain "$program has no manual page"
done
said=$("$root$prefix/sbin/vcpu_scheduler" 2 --simulate demo-cpu 2>&1) || complain "a demonstration fails: $said"
said=$("$root$prefix/sbin/memory_coordinator" 2 --simulate demo-memory 2>&1) ||
    complain "a demonstration fails: $said"
printf '%d files installed\n' "$(wc -l <"$1/tests/rules/installed")"
exit "$bad"

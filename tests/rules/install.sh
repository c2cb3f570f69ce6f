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
[ -n "$(find "$root$prefix/etc/evenkeel/evenkeel.conf.d" -prune -type d -perm 755 -empty 2>/dev/null)" ] ||
    complain "there is no empty folder etc/evenkeel/evenkeel.conf.d, where Cockpit's page could write"
outside=$(find "$root" ! -type d ! -path "$root$prefix/*")
[ -z "$outside" ] || complain "outside of $prefix: $outside"

shopt -s nullglob
for page in "$root$prefix"/share/man/man*/*; do
    mandoc -T lint -W warning "$page" >&2 || complain "${page##*/} is not well-formed"
    grep -qiE '^\.N[dm] .*evenkeel' "$page" || complain "apropos evenkeel does not find ${page##*/}"
    ! command -v groff >/dev/null || groff -Tutf8 -mdoc "$page" 2>/dev/null | head -1 | grep -q 'Evenkeel' ||
        complain "${page##*/} has the head of another system"
done
# check_links FILE: what a document names beside itself is installed.
check_links() {
    local link
    while read -r link; do
        [ -e "${1%/*}/${link%%#*}" ] || complain "${1##"$root"} links to $link, which is not installed"
    done < <(grep -oE '\]\([^)#]+[^)]*\)' "$1" | sed -E 's/^\]\(|\)$//g' | grep -v '://')
}
while read -r document; do
    check_links "$document"
done < <(find "$root$prefix/share/doc" -name '*.md' 2>/dev/null)
# started FOLDER: what the units there start, and the files that they name, are installed.
started() {
    local unit program
    for unit in "$1"/*.service; do
        while read -r program; do
            [ -e "$root$program" ] || complain "$2${unit##*/} starts $program, which is not installed"
        done < <(sed -nE 's/^Exec[A-Za-z]*=[-@:+!]*//p' "$unit" | grep -oE '(^| )/[^ ]+' | tr -d ' ')
    done
}
started "$root$prefix/lib/systemd/system" ''
for program in vcpu_scheduler memory_coordinator; do
    said=$("$root$prefix/sbin/$program" --version 2>&1) || complain "$program --version fails: $said"
    page=$root$prefix/share/man/man8/$program.8
    [ -f "$page" ] || complain "$program has no manual page"
done
said=$("$root$prefix/sbin/vcpu_scheduler" 2 --simulate demo-cpu 2>&1) || complain "a demonstration fails: $said"
said=$("$root$prefix/sbin/memory_coordinator" 2 --simulate demo-memory 2>&1) ||
    complain "a demonstration fails: $said"
# The package's configuration holds with --config alone.
program=$root$prefix/sbin/vcpu_scheduler
conf=$root$prefix/etc/evenkeel/evenkeel.conf
if [ -f "$conf" ]; then
    "$program" --show-config | grep -qxF 'act = yes ; default' || complain "a program reads what it was not told to"
    "$program" --show-config --config "$conf" | grep -q "^act = no ; $root$prefix/lib/evenkeel/evenkeel.conf:" ||
        complain "--config does not read what the package brings"
    for program in vcpu_scheduler memory_coordinator; do
        "$root$prefix/sbin/$program" --check-config --config "$conf" || complain "$program refuses $conf"
    done
    # Changes of the administrator stay.
    echo '# mine' >>"$conf"
fi

# Again, and below another prefix: the units follow.
DESTDIR=$root cmake --install "$binary" >/dev/null
[ ! -f "$conf" ] || grep -qxF '# mine' "$conf" || complain "a new installation has replaced $conf"
DESTDIR=$root cmake --install "$binary" --prefix /opt/evenkeel >/dev/null
[ -f "$root/opt/evenkeel/lib/evenkeel/evenkeel.conf" ] || complain "--prefix is not followed"
rm -rf "${root:?}$prefix"
started "$root/opt/evenkeel/lib/systemd/system" 'below /opt/evenkeel: '
printf '%d files installed\n' "$(wc -l <"$1/tests/rules/installed")"
exit "$bad"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the build must have given all programs: PIE, full RELRO, a stack that is not executable, the
# stack protector, FORTIFY and asserts. Every object of the house has branch protection; the linker
# drops the note from a program whose start-up objects have none, as on Debian 12.
set -uo pipefail
binary=$2
bad=0

if [ "$(sed -n 's/^CMAKE_BUILD_TYPE:.*=//p' "$binary/CMakeCache.txt")" != Release ]; then
    echo "skipped: not a release build: its flags are not judged"
    exit 77
fi
# must PROGRAM WHAT PATTERN: the text on standard input has the pattern.
must() {
    grep -qE -- "$3" && return
    echo "$1: $2 is missing" >&2
    bad=1
}
for program in vcpu_scheduler memory_coordinator evenkeelctl evenkeel-fleet evenkeel-one; do
    file=$binary/$program
    readelf -hW "$file" | must "$program" "PIE" 'Type: +DYN'
    readelf -lW "$file" | must "$program" "RELRO" 'GNU_RELRO'
    readelf -dW "$file" | must "$program" "immediate binding" 'BIND_NOW|FLAGS.*NOW'
    readelf -lW "$file" | must "$program" "a stack without execution" 'GNU_STACK.* RW +0x'
    symbols=$(nm -D -u "$file")
    must "$program" "the stack protector" '__stack_chk_(fail|guard)' <<<"$symbols"
    must "$program" "FORTIFY" '_chk(@|$)' <<<"$symbols"
    must "$program" "assert()" '__assert_fail' <<<"$symbols"
done

case $(uname -m) in
x86_64) note='x86 feature: .*IBT.*SHSTK' ;;
aarch64) note='AArch64 feature: .*BTI' ;;
*) note='' ;;
esac
objects=0
while [ -n "$note" ] && read -r object; do
    objects=$((objects + 1))
    readelf -nW "$object" 2>/dev/null | must "$object" "branch protection" "$note"
done < <(find "$binary/CMakeFiles" -path '*.dir/*' -name '*.c.o' |
    grep -E '/(models|planner|agent)\.dir/')
if [ -n "$note" ] && [ "$objects" -lt 100 ]; then
    echo "only $objects objects found in $binary" >&2
    bad=1
fi
printf '3 programs and %d objects checked\n' "$objects"
exit "$bad"

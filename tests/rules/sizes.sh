#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No C file over 400 lines, no function over 70: what does not fit on a screen is read by nobody.
set -uo pipefail
cd "$1" || exit 1
command -v ctags >/dev/null || { echo "skipped: needs universal-ctags" && exit 77; }

mapfile -t files < <(find agent models planner tests -name '*.[ch]' | sort)
[ "${#files[@]}" -gt 0 ] || { echo "no C file found" >&2 && exit 1; }
bad=0
for file in "${files[@]}"; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || { echo "$file: $lines lines" >&2 && bad=1; }
done
long=$(ctags -f - --language-force=C --c-kinds=f --fields=ne --excmd=number "${files[@]}" |
    sed -nE 's/^([^\t]+)\t([^\t]+)\t.*\tline:([0-9]+)\tend:([0-9]+)$/\1 \2 \3 \4/p' |
    awk '$4 - $3 + 1 > 70 { print $2 ": " $1 " has " $4 - $3 + 1 " lines" }')
[ -z "$long" ] || { echo "$long" >&2 && bad=1; }
printf '%d files checked\n' "${#files[@]}"
exit "$bad"

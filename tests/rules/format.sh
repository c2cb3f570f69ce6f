#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every C file is as clang-format leaves it. Versions differ in what they leave: the tree is written so
# that those of Debian 12 and 13 agree, and no other one is asked.
set -uo pipefail
cd "$1" || exit 1
versions='14|19'
major_of() { "$1" --version 2>/dev/null | sed -nE 's/.*version ([0-9]+).*/\1/p'; }

asked=0
bad=0
for formatter in clang-format clang-format-14 clang-format-19; do
    [[ "$(major_of "$formatter")" =~ ^($versions)$ ]] || continue
    versions=${versions/"${BASH_REMATCH[1]}"/asked}
    find agent models planner tests -name '*.[ch]' -print0 | xargs -0 "$formatter" --dry-run -Werror || bad=1
    asked=$((asked + 1))
done
if [ "$asked" -eq 0 ]; then
    echo "skipped: the tree is formatted for clang-format 14 and 19; here is $(clang-format --version 2>&1)"
    exit 77
fi
exit "$bad"

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every C file is as clang-format leaves it.
set -uo pipefail
cd "$1" || exit 1
command -v clang-format >/dev/null || { echo "needs clang-format" && exit 77; }
find agent models planner tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No secret of a guest is read, and no definition goes to the bus. No open ends, a licence line on every source file, binary units by their names, and shell scripts
# without a complaint from the linter.
set -uo pipefail
cd "$1" || exit 1
bad=0
# refuse WHAT, from lines on standard input: none may come.
refuse() {
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return
    printf '%s:\n%s\n' "$1" "$lines" >&2
    bad=1
}

mapfile -t code < <(find agent models planner tests bootstrap CMakeLists.txt -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name bootstrap -o -name '*.mod' \) | sort)
mapfile -t all < <(printf '%s\n' "${code[@]}" && find . -name '*.md' -not -path './build*')

refuse "open ends" < <(grep -nwE 'TO[D]O|FIX[M]E|X[X]X|HA[C]K' "${all[@]}")
refuse "no licence line" < <(
    awk 'FNR > 3 { nextfile }
         /SPDX-License-Identifier: GPL-3.0-or-later/ { has[FILENAME] }
         END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in has)) print ARGV[i] }' "${code[@]}"
)
refuse "decimal units; write KiB, MiB, GiB" < <(grep -nwE '[0-9]* ?[KMGT]B' "${all[@]}" | grep -v unit)
refuse "a linter is silenced without the check's name and a reason" < <(
    printf '%s\0' "${code[@]}" | grep -zE '\.[ch]$' | xargs -0r grep -nE 'NOLINT|cppcheck-suppress' |
        grep -vE 'NOLINT(NEXTLINE)?\([a-zA-Z.,-]+\): .|cppcheck-suppress [a-zA-Z]+ ; .'
)
mapfile -t effects < <(printf '%s\n' "${code[@]}" | grep -E '^agent/.*\.[ch]$')
mapfile -t asked < <(printf '%s\n' "${effects[@]}" | grep -E '^agent/(control|client)/')
refuse "a definition is read with its secrets" < <(grep -nE 'XML_(SECURE|MIGRATABLE)' "${effects[@]}" /dev/null)
refuse "a definition on the bus" < <(grep -niE 'libxml|_xml|virDomain|libvirt_definition' "${asked[@]}" /dev/null)
refuse "trailing blanks or tabs" < <(grep -nP '[ \t]+$|\t' "${code[@]}")

mapfile -t scripts < <(find bootstrap .ci tests agent -type f -exec grep -lE '^#!/bin/(ba)?sh' {} +)
refuse "shellcheck" < <(shellcheck -x "${scripts[@]}" 2>&1)
printf '%d files, %d scripts checked\n' "${#all[@]}" "${#scripts[@]}"
exit "$bad"

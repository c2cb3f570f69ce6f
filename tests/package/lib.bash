# SPDX-License-Identifier: GPL-3.0-or-later
# What the checks of packages share.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # used by those that read this file
source=$(cd "$here/../.." && pwd)
build=$1
lost=0

skip() {
    echo "skipped: $*"
    exit 77
}

# must WHAT COMMAND...: the command has to succeed; what it said is shown where it does not.
must() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        echo "  won   $what"
    else
        printf '  LOST  %s:\n%s\n' "$what" "$said"
        lost=$((lost + 1))
    fi
}

# package PATTERN: the one package of that kind.
package() {
    compgen -G "$build/$1" || skip "there is no $1 in $build: tests/package/pack makes it"
}

has() { grep -qE -- "$1"; }

# wanted PART MORE...: modes and names of an installation below /usr with its pages packed, and more lines; of
# all, of the page for Cockpit, of evenkeel-fleet with evenkeel-one, or of what is neither.
wanted() {
    local page=' /usr/share/(cockpit|metainfo)/' fleet='[/_]evenkeel-(fleet|one)|/one/'
    {
        sed -E 's, (etc/), /\1,; t; s, , /usr/,; s,(/man/.*),\1.gz,' "$source/tests/rules/installed" |
            case $1 in page) grep -E "$page" ;; fleet) grep -E "$fleet" ;; programs) grep -vE "$page|$fleet" ;; *) cat ;; esac
        [ "$#" -eq 1 ] || printf '%s\n' "${@:2}"
    } | sort -k 2
}

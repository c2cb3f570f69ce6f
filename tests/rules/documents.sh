#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents name exists: files and headings that links point at, files and tests in backticks,
# and every word_with_underscores, which is a function, a member, a test or a word of a report. So do
# the sections that comments point at.
set -uo pipefail
export LC_ALL=C
cd "$1" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
complain() {
    printf '%s\n' "$1" >&2
    bad=1
}

mapfile -t documents < <(find . -name '*.md' -not -path './build*' | sort)
[ "${#documents[@]}" -gt 0 ] || complain "no document found: is this the right tree?"
find . -type f -not -path './build*' -not -path './.git/*' >"$work/files"
{
    find agent planner models tests bootstrap CMakeLists.txt -type f \
        -not -name '*.md' -exec grep -hoE '[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+' {} +
    sed -E 's|.*/||; s|\..*||' "$work/files"
    printf '%s\n' CMAKE_INSTALL_PREFIX install_manifest
} | sort -u >"$work/words"
# Every end of a path, so that a document may name a file from its own folder.
sed -E 's|^\./||' "$work/files" | awk -F/ '{ s = $NF; print s
    for (i = NF - 1; i > 0; i--) { s = $i "/" s; print s } }' | sort -u >"$work/ends"

# slugs FILE [#s]: its headings, or those with so many #, as links name them.
slugs() {
    sed -nE "s/^${2:-#+} (.*)/\\1/p" "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# check_link DOCUMENT LINK
check_link() {
    local path=${2%%#*} anchor='' target=$1
    [[ "$2" != *'#'* ]] || anchor=${2#*#}
    [ -z "$path" ] || target=$(dirname "$1")/$path
    if [ ! -e "$target" ]; then
        complain "$1 links to $2, which does not exist"
    elif [ -n "$anchor" ] && ! slugs "$target" | grep -qxF -- "$anchor"; then
        complain "$1 links to $2: no such heading"
    fi
}

# names DOCUMENT: files in backticks; a test goes by its folder and name.
tick=$'\x60'
names() {
    grep -oE "${tick}[A-Za-z0-9_/-]+([.](c|h|mod|sh|py|md))?${tick}" "$1" | tr -d "$tick" |
        grep -E '[.](c|h|mod|sh|py|md)$|^[a-z]+/test_[a-z0-9_]+$' | sed -E '/[.]/!s/$/.c/' | sort -u
}

# words DOCUMENT: not in formulas, which stand indented or end in an index.
words() {
    grep -v '^    ' "$1" | sed 's/-DCMAKE/CMAKE/g; s/%[^ ]*//g' |
        grep -oE '[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+' | grep -E '_[A-Za-z0-9]{3,}$' | sort -u
}

count=0
for document in "${documents[@]}"; do
    while read -r link; do
        check_link "$document" "$link"
        count=$((count + 1))
    done < <(grep -oE '\]\([^)]+\)' "$document" | sed -E 's/^\]\(|\)$//g' | grep -v '://')
    while read -r name; do
        complain "$document names $name, which does not exist"
    done < <(names "$document" | comm -23 - "$work/ends")
    while read -r word; do
        complain "$document says $word, which nothing is called"
    done < <(words "$document" | comm -23 - "$work/words")
    count=$((count + $(names "$document" | wc -l) + $(words "$document" | wc -l)))
done
# The README's line of contents has all its sections.
while read -r slug; do
    grep -qF -- "](#$slug)" README.md || complain "README.md has no line of contents with #$slug"
done < <(slugs README.md "##")
# Comments name sections: (README.md, "Windows").
sed -nE 's/^#+ (.*)/\1/p' "${documents[@]}" >"$work/headings"
while IFS=: read -r file section; do
    count=$((count + 1))
    grep -qxF -- "$section" "$work/headings" || complain "$file points at \"$section\": no such heading"
done < <(grep -rnoE --include='*.[ch]' 'README\.md,( section)? "[^"]+"' agent planner models tests |
    sed -E 's/^([^:]+):[0-9]+:[^"]*"([^"]+)"/\1:\2/')

printf '%d documents, %d names checked\n' "${#documents[@]}" "$count"
exit "$bad"

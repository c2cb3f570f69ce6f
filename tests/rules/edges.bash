# SPDX-License-Identifier: GPL-3.0-or-later
# For the rules: who includes and who calls whom. Sourced from the root of the tree that is looked at.
# shellcheck shell=bash

# include_lines: "file q name" for each include of the programs' own files, "file s name" for <name>.
include_lines() {
    grep -rE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' models planner agent |
        sed -nE 's/^([^:]*):[^"<]*"([^"]+)".*/\1 q \2/p; t; s/^([^:]*):[^"<]*<([^>]+)>.*/\1 s \2/p'
}

# objects BINARY: the object files of the three layers, but for the two mains and for those whose
# source has moved away since.
objects() {
    local object source
    while read -r object; do
        source=${object#*.dir/}
        [ ! -f "${source%.o}" ] || printf '%s\n' "$object"
    done < <(find "$1"/CMakeFiles/{models,planner,agent}.dir -name '*.c.o')
}

# call_lines BINARY: "object symbol definer" for each symbol that an object wants from elsewhere; the
# definer is "-" for what is none of ours. Objects are named as their source file, without .c.
call_lines() {
    local files
    mapfile -t files < <(objects "$1")
    [ "${#files[@]}" -gt 0 ] || return 1
    nm -A -- "${files[@]}" | awk '
        {
            colon = index($0, ".c.o:")
            object = substr($0, 1, colon - 1)
            sub(/^.*\.dir\//, "", object)
            n = split(substr($0, colon + 5), word, " ")
            symbol = word[n]
            sub(/@.*/, "", symbol)
            if (word[n - 1] == "U") {
                user[++users] = object
                wants[users] = symbol
            } else if (word[n - 1] ~ /^[A-Zi]$/) {
                definer[symbol] = object
            }
        }
        END {
            for (i = 1; i <= users; i++) {
                print user[i], wants[i], (wants[i] in definer) ? definer[wants[i]] : "-"
            }
        }'
}

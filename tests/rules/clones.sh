#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Which clone of a function is called is resolved before a sanitizer has started, and what does that under one
# crashes: with a sanitizer there are no clones.
set -eu
source=$1
object=$(mktemp)
trap 'rm -f "$object"' EXIT
cc=$(command -v gcc) || exit 77
for sanitizer in address thread; do
    "$cc" -std=c11 -O2 "-fsanitize=$sanitizer" -I "$source" -c "$source/models/bound/kernels.c" -o "$object" || exit 77
    if nm "$object" | grep ' i '; then
        echo "kernels.c: clones with the $sanitizer sanitizer"
        exit 1
    fi
done

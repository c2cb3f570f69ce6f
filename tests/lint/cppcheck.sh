#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cppcheck.sh SOURCE BUILD: cppcheck over every file of a build. What was found clean is kept in
# BUILD/cppcheck/ and not looked at again until it changes.
# Not asked for, each with its reason:
# - varFuncNullUB: NULL is a pointer in every C library that the programs are built with;
# - readdirCalled, strtokCalled: nothing here reads one folder or one text from two threads, and glibc
#   itself advises against readdir_r().
set -euo pipefail
command -v cppcheck >/dev/null || { echo "skipped: needs cppcheck" && exit 77; }
version=$(cppcheck --version)
case $version in
"Cppcheck 2.10"*) ;;
*) echo "skipped: the tree is kept clean for cppcheck 2.10 of Debian 12, here is $version" && exit 77 ;;
esac
mkdir -p "$2/cppcheck"
cppcheck --project="$2/compile_commands.json" --cppcheck-build-dir="$2/cppcheck" --std=c11 -q \
    -j "$(nproc)" --enable=warning,performance,portability --inline-suppr \
    --suppress=varFuncNullUB --suppress=readdirCalled --suppress=strtokCalled --library=posix \
    --template='{file}:{line}: {severity}: {message} [{id}]' --error-exitcode=1

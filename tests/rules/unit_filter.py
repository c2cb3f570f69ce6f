#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program under the system call filter of its own unit file.

usage: unit_filter.py UNIT PROGRAM ARGUMENT...

systemd-analyze says what a group such as @system-service holds; libseccomp loads the filter."""
import errno
import os
import subprocess
import sys

import seccomp


def settings(unit, key):
    with open(unit, encoding="utf-8") as lines:
        return [line.split("=", 1)[1].strip() for line in lines if line.startswith(key + "=")]


def members(name):
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True,
                          text=True, check=True).stdout
    names = [line.strip() for line in text.splitlines()[1:]]
    return set().union(*(members(n) for n in names if n and not n.startswith("#")))


def allowed(unit):
    """The lists in their order, as systemd reads them: "~" takes away, @default is always there."""
    calls = members("@default")
    for line in settings(unit, "SystemCallFilter"):
        group = set().union(*(members(name) for name in line.lstrip("~").split()))
        calls = calls - group if line.startswith("~") else calls | group
    return calls


def main():
    unit, command = sys.argv[1], sys.argv[2:]
    action = seccomp.KILL_PROCESS
    for name in settings(unit, "SystemCallErrorNumber"):
        action = seccomp.ERRNO(getattr(errno, name))
    calls = allowed(unit)
    filter_ = seccomp.SyscallFilter(action)
    for call in sorted(calls):
        try:
            filter_.add_rule(seccomp.ALLOW, call)
        except RuntimeError:
            pass  # a call of another architecture
    filter_.load()
    os.execv(command[0], command)


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""clang's own warnings over every file of a clang build, without the build.

clang_warns.py SOURCE BUILD: each command of BUILD/compile_commands.json, up to where code would be made."""

import concurrent.futures
import json
import os
import shlex
import subprocess
import sys


def look_at(entry):
    """What clang says about a file; nothing if it is clean."""
    words = shlex.split(entry["command"])
    if os.path.basename(words[0]) == "ccache":
        words = words[1:]
    at = words.index("-o")
    command = words[:at] + words[at + 2 :] + ["-fsyntax-only", "-Werror"]
    done = subprocess.run(command, cwd=entry["directory"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def main(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = [said for said in pool.map(look_at, entries) if said]
    print("".join(bad) + f"{len(entries)} files looked at, {len(bad)} with warnings")
    return 1 if bad or not entries else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2]))

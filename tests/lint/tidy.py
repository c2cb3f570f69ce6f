#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-tidy over every file of a clang build, as .clang-tidy has it.

tidy.py SOURCE BUILD [tests]: the programs' files, or the tests'. A file that was clean before is not
looked at again while all that it is compiled from stays as it was. BUILD/tidy/ has an empty file for each
clean state."""

import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys

TIDY = "clang-tidy-19"  # another version sees other things
RULED = ("", "tests")  # the folders that have a .clang-tidy
MIN_FILES = 100  # fewer are not the whole tree


def state_of(entry, rules):
    """A name for all that the verdict depends on: the file with its includes, the rules."""
    words = shlex.split(entry["command"])
    if os.path.basename(words[0]) == "ccache":
        words = words[1:]
    # Comments stay: one may be a suppression.
    plain = words[: words.index("-o")] + ["-E", "-C", entry["file"]]
    done = subprocess.run(plain, cwd=entry["directory"], capture_output=True, check=False)
    return hashlib.sha256(rules + done.stdout + done.stderr).hexdigest()


def look_at(entry, build, rules):
    """What there is to say about a file; nothing if it is clean."""
    clean = os.path.join(build, "tidy", state_of(entry, rules))
    if os.path.exists(clean):
        return ""
    command = [TIDY, "-p", build, "--quiet", entry["file"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        with open(clean, "w", encoding="utf-8"):
            pass
        return ""
    return done.stdout or done.stderr


def main(source, build, wanted=""):
    if not shutil.which(TIDY):
        print(f"skipped: the tree is kept clean for {TIDY}, which is not here")
        return 77
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    rules = version
    for folder in RULED:
        with open(os.path.join(source, folder, ".clang-tidy"), "rb") as file:
            rules += file.read()
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {entry["file"]: entry for entry in json.load(file)}
    tests = os.path.join(source, "tests", "")
    entries = [e for f, e in entries.items() if f.startswith(tests) == (wanted == "tests")]
    os.makedirs(os.path.join(build, "tidy"), exist_ok=True)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda entry: look_at(entry, build, rules), entries):
            if said:
                print(said)
                bad += 1
    print(f"{len(entries)} files looked at, {bad} with something to mend")
    return 1 if bad or len(entries) < MIN_FILES else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

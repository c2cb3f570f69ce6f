#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""coverage.py BUILD: line and branch coverage of the programs' files, folder by folder, as the tests
that ran in BUILD have left it. Below it, for planner/ and models/, the lines that no test reached.
Assertions do not count: they are there never to fail."""

import collections
import json
import os
import re
import subprocess
import sys

LISTED = ("models", "planner")


def measure(source, build):
    command = ["gcovr", "--root", source, "--object-directory", build, "--json", "--exclude-unreachable-branches"]
    command += ["--exclude-lines-by-pattern", r".*\bassert\(.*", "--gcov-ignore-parse-errors"]
    for layer in ("agent", "models", "planner"):
        command += ["--filter", re.escape(os.path.join(source, layer)) + "/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["files"]


def count(file):
    """(lines, lines reached, branches, branches taken) of a file, and its lines that were not reached."""
    lines = [line for line in file["lines"] if not line.get("gcovr/noncode")]
    branches = [branch for line in lines for branch in line["branches"]]
    missed = [line["line_number"] for line in lines if not line["count"]]
    taken = sum(1 for branch in branches if branch["count"])
    return (len(lines), len(lines) - len(missed), len(branches), taken), missed


def ranges(numbers):
    """1-3 5 7-8"""
    spans = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return " ".join(f"{a}-{b}" if a != b else str(a) for a, b in spans)


def row(name, lines, reached, branches, taken):
    share = lambda part, whole: f"{100 * part / whole:5.1f} %" if whole else "      -"
    print(f"{name:18} {lines:6} lines {share(reached, lines)}   {branches:6} branches {share(taken, branches)}")


def main(build):
    source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = collections.defaultdict(lambda: (0, 0, 0, 0))
    missed = {}
    for file in measure(source, build):
        counts, left = count(file)
        name = file["file"]
        for group in {os.path.dirname(name), name.split("/")[0] + "/", "all"}:
            folders[group] = tuple(a + b for a, b in zip(folders[group], counts))
        if left and name.startswith(LISTED):
            missed[name] = left
    if not folders:
        sys.exit(f"no test has run in {build}")
    for name in sorted(folders):
        row(name, *folders[name])
    print("\nnot reached:")
    for name in sorted(missed):
        print(f"  {name}: {ranges(missed[name])}")


if __name__ == "__main__":
    main(sys.argv[1])

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""coverage.py BUILD: line and branch coverage of the programs' files, folder by folder, as the tests
that ran in BUILD have left it. Below it, for planner/ and models/, the lines that no test reached:
first those that tests/coverage.explained has a reason for, last those of planner/ without a reason,
which make the status 1. Assertions do not count: they are there never to fail."""

import collections
import json
import os
import re
import subprocess
import sys

LISTED = ("models/", "planner/")
REASONED = ("planner/",)  # here each line that is not reached needs a test or a reason


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


def read_reasons(source):
    """[file or folder, part of a line, reason, whether it explained something]"""
    reasons = []
    with open(os.path.join(source, "tests", "coverage.explained"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                reasons.append([part.strip() for part in line.split("|", 2)] + [False])
    return reasons


def explain(source, name, missed, reasons):
    """The lines without a reason; prints the others with theirs."""
    with open(os.path.join(source, name), encoding="utf-8") as file:
        text = file.read().split("\n")
    left = []
    for number in missed:
        for reason in reasons:
            if name.startswith(reason[0]) and reason[1] in text[number - 1]:
                reason[3] = True
                print(f"  {name}:{number}: {reason[2]}")
                break
        else:
            left.append(number)
    return left


def main(build):
    """0, or 1 where a line has no reason, or a reason no line."""
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
    reasons = read_reasons(source)
    print("\nnot reached, for a reason:")
    left = {name: explain(source, name, missed[name], reasons) for name in sorted(missed)}
    for part in sorted(LISTED, key=lambda part: part in REASONED):
        print(f"\nnot reached in {part}:")
        for name, numbers in left.items():
            if numbers and name.startswith(part):
                print(f"  {name}: {ranges(numbers)}")
    idle = [reason for reason in reasons if not reason[3]]
    for reason in idle:
        print(f"tests/coverage.explained: nothing to explain at {reason[0]}: {reason[1]}")
    return 1 if idle or any(left[name] for name in left if name.startswith(REASONED)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""leaving.py BUILD: the shipped services under a real systemd with a state folder that is full, released while
they run, restarted, stopped, and released when none runs."""

import sys

from machine import boot, judge, package_of, told


def main(build):
    text = boot(build, "leaving", pcpus=2, files=package_of(build))

    def said(word):
        return told(text, word)

    def pins(when):
        return next((line[len(when) + 1:] for line in said("PINS") if line.split()[0] == when), None)

    def counts(when):
        """Whether guest1 reports as often as asked, and how often the coordinator has put something back."""
        return next(iter(said(when)), None)

    left = sorted(line for line in text.split() if line.endswith(".json"))
    second = next(iter(said("SECOND")), "")
    expectations = [
        ("the guest is found as its definition says", counts("found") == "0 0", counts("found")),
        ("a full folder is told", any("nothing is changed: " in line for line in said("FULL")), said("FULL")),
        ("nothing is changed then", pins("full") == "0 0" and counts("full") == "0 0", (pins("full"), counts("full"))),
        ("with room again it acts", pins("acting") == "0 1" and counts("acting") == "1 0",
         (pins("acting"), counts("acting"))),
        ("released while it runs and the folder is full", pins("released") == "0 0", (pins("released"), said("RELEASED"))),
        ("memory's, too", str(counts("released")).startswith("0 "), counts("released")),
        ("and it stays so", pins("paused") == "0 0", pins("paused")),
        ("a restart keeps what it changed", counts("restarted") == "1 0", counts("restarted")),
        ("so does one of the target", counts("target") == "1 0", counts("target")),
        ("a second one is refused with the pid of the first", f"process {''.join(said('PID'))} governs" in second, second),
        ("a stop gives memory's back", counts("stopped") in ("0 1", "0 2", "0 3"), counts("stopped")),
        ("and keeps pins", pins("stopped") == "0 1", pins("stopped")),
        ("nothing is owed then", ["pauses-memory.json", "pauses-vcpus.json"] == left, left),
        ("release without a program that runs", pins("removed") == "0 0", (pins("removed"), said("REMOVED"))),
    ]
    return judge(text, expectations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

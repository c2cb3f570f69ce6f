# SPDX-License-Identifier: GPL-3.0-or-later
"""isolated.py BUILD: pCPUs that are not for guests, on a machine with a real systemd, libvirtd and guests.

The shipped unit starts, spreads the guests on what is left, and stops; the report names what is left out
and why; and without the kernel's word on isolated pCPUs the same guests go there."""

import json
import sys

from machine import boot, judge

PCPUS = 4


def pins(lines, when):
    """{guest: its mask as virsh prints it}"""
    return {words[2]: words[3] for words in lines if words[:2] == ["PIN", when]}


def value(lines, word):
    return next((" ".join(words[1:]) for words in lines if words[:1] == [word]), None)


def main(build):
    text = boot(build, "isolated", pcpus=PCPUS, kernel="isolcpus=1")
    lines = [line.split() for line in text.splitlines()]
    reports = [json.loads(line) for line in text.splitlines() if line.startswith('{"interval"')]
    uses = {pcpu["id"]: pcpu["use"] for pcpu in reports[-1]["pcpus"]} if reports else {}
    expectations = [
        ("the kernel isolates pCPU 1", value(lines, "ISOLATED") == "1", value(lines, "ISOLATED")),
        ("the guests' slice has 0 to 2", value(lines, "SLICE") == "0-2", value(lines, "SLICE")),
        ("the shipped unit runs", value(lines, "UNIT") == "active", value(lines, "UNIT")),
        ("and stops", value(lines, "STOPPED") == "success", value(lines, "STOPPED")),
        (
            "two guests each on the pCPUs that are left",
            sorted(pins(lines, "unit").values()) == ["0", "0", "2", "2"],
            pins(lines, "unit"),
        ),
        ("the report says isolated", uses.get(1) == "isolated", uses),
        ("and that the slice has no 3", uses.get(3) == "outside-slice", uses),
        (
            "without the kernel's word guests go to pCPU 1",
            "1" in pins(lines, "blind").values(),
            pins(lines, "blind"),
        ),
    ]
    return judge(text, expectations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

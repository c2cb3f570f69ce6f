# SPDX-License-Identifier: GPL-3.0-or-later
"""reboot.py BUILD: a host whose services act is rebooted, and saves its guests meanwhile: they come back with pins
of ours, and what was found before the reboot is known, can be put back, and has a history."""

import sys

from machine import boot


def main(build):
    text = boot(build, "reboot", pcpus=2, boots=2)

    def told(word):
        return [line[len(word) + 1:] for line in text.splitlines() if line.startswith(f"{word} ")]

    def pins(when):
        return next((line[len(when) + 1:] for line in told("PINS") if line.split()[0] == when), None)

    expectations = [
        ("it acts", pins("acting") == "0 1", pins("acting")),
        ("the machine was booted again", "BOOTED" in text.splitlines(), ""),
        ("its guests were saved", told("SAVED") == ["2"], told("SAVED")),
        ("what is enabled runs", told("ACTIVE") == ["active active"], told("ACTIVE")),
        ("guests come back with pins of ours", pins("returned") == "0 1", pins("returned")),
        ("pauses are kept", any("paused: guest2" in line for line in told("STATUS")), told("STATUS")),
        ("so is history", any("guest" in line and "pCPU" in line for line in told("HISTORY")), told("HISTORY")),
        ("what was found before is put back", pins("released") == "0 0", (pins("released"), told("RELEASED"))),
    ]
    lost = 0
    for what, holds, figure in expectations:
        print(f"  {'won ' if holds else 'LOST'}  {what}: {figure}")
        lost += not holds
    if lost:
        print(text)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

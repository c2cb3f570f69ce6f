# SPDX-License-Identifier: GPL-3.0-or-later
"""reboot.py BUILD: a host whose services act is rebooted, and saves its guests meanwhile: they come back with pins
of ours, and what was found before the reboot is known, can be put back, and has a history."""

import sys

from machine import boot, judge, package_of, told


def main(build):
    text = boot(build, "reboot", pcpus=2, boots=2, files=package_of(build))

    def pins(when):
        return next((line[len(when) + 1:] for line in told(text, "PINS") if line.split()[0] == when), None)

    before = next(iter(told(text, "BEFORE")), "")
    expectations = [
        ("it acts", pins("acting") == "0 1", pins("acting")),
        ("the machine was booted again", "BOOTED" in text.splitlines(), ""),
        ("its guests were saved", told(text, "SAVED") == ["2"], told(text, "SAVED")),
        ("what is enabled runs", told(text, "ACTIVE") == ["active active"], told(text, "ACTIVE")),
        ("guests come back with pins of ours", pins("returned") == "0 1", pins("returned")),
        ("pauses are kept", any("paused: guest2" in line for line in told(text, "STATUS")), told(text, "STATUS")),
        ("so is history", any("guest" in line and "pCPU" in line and line.strip()[:19].replace(" ", "T") < before
                              for line in told(text, "HISTORY")), (before, told(text, "HISTORY"))),
        ("what was found before is put back", pins("released") == "0 0", (pins("released"), told(text, "RELEASED"))),
    ]
    return judge(text, expectations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""fleet.py BUILD: evenkeel-fleet as the resource systemd:evenkeel-fleet of a cluster of one node: started, asked, killed,
taken out of the cluster, purged."""

import sys

from machine import boot, judge, package_of, told


def counts(text, word):
    """Whether the number told is one, and not zero."""
    return [int(one or 0) > 0 for one in told(text, word)] == [True]


def main(build):
    text = boot(build, "fleet", pcpus=2, files=package_of(build, "evenkeel-fleet_*.deb", "evenkeel-fleet", "fleet.deb"))
    exposure = told(text, "EXPOSURE")
    expectations = [
        ("nobody has enabled it, and nobody can", told(text, "ENABLED") == ["static"], told(text, "ENABLED")),
        ("installed, it does not run", told(text, "INSTALLED") == ["inactive"], told(text, "INSTALLED")),
        ("it is exposed no more than 1.6", len(exposure) == 1 and float(exposure[0]) <= 1.6, exposure),
        ("the cluster runs it", told(text, "RUNS") == ["active"], told(text, "RUNS")),
        ("as the cluster's resource", told(text, "BY") == ["50-pacemaker.conf"], told(text, "BY")),
        ("as a user of its own", told(text, "USER") == ["evenkeel-fleet"], told(text, "USER")),
        ("who may ask the cluster", told(text, "ASKS") == ["yes"], told(text, "ASKS")),
        ("and does, in its sandbox: rounds to their end", counts(text, "ROUNDS"), told(text, "ROUNDS")),
        ("none of which has failed", told(text, "FAILED") == ["0"], (told(text, "FAILED"), told(text, "SAID"))),
        ("it wishes for nothing", bool(told(text, "ASKS")) and not told(text, "WISH"), told(text, "WISH")),
        ("killed, it is started again", told(text, "AGAIN") == ["yes"], told(text, "AGAIN")),
        ("by the cluster, which counts it", told(text, "COUNTED") == ["1"], told(text, "COUNTED")),
        ("and has rounds again", counts(text, "ROUNDS_AGAIN"), told(text, "ROUNDS_AGAIN")),
        ("taken out, it ends", told(text, "GONE") in (["inactive"], ["failed"]), told(text, "GONE")),
    ]
    if "package" in told(text, "FROM"):
        expectations += [
            ("it is purged", told(text, "PURGED") == ["yes"], told(text, "PURGED")),
            ("nothing is left", not told(text, "LEFT"), told(text, "LEFT")),
        ]
    return judge(text, expectations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

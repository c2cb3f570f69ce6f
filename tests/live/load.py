# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads of a given size on guests whose speed depends on the machine."""

PERIOD_US = 10000


class Load:
    def __init__(self, guest):
        """Measures on one guest while all are idle; the best of many tries, so that noise is harmless."""
        self.ns_per_million = min(int(guest.sh("busy calibrate")) for _ in range(3))

    def start(self, guest, share):
        """Compute and sleep by turns, so that alone on a pCPU the guest would use this share of it."""
        work_ns = share * PERIOD_US * 1000
        kiloloops = max(1, round(work_ns / self.ns_per_million * 1000))
        guest.busy(kiloloops, round((1 - share) * PERIOD_US))

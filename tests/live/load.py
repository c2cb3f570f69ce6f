# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads of a given size on guests whose speed depends on the machine."""

import time

PERIOD_US = 20000
LOOK_S = 0.8
TRIES = 4
CLOSE = 0.01  # of a pCPU


class Load:
    """Fits loops and sleep to a share of a pCPU, on one guest while all others are idle.

    What a guest costs its host beside the loops (its timer, the emulator's wake-ups) is a part of what
    it uses, and a different one for every machine: so the host is asked and not the guest."""

    def __init__(self, guest):
        self.guest = guest
        self.fitted = {}
        guest.pin([0])
        self.ns_per_million = min(int(guest.sh("busy calibrate")) for _ in range(3))

    def used(self, seconds):
        """Share of a pCPU that the guest's vCPU uses."""
        start, before = time.monotonic(), self.guest.cpu_time_ns()
        time.sleep(seconds)
        return (self.guest.cpu_time_ns() - before) / 1e9 / (time.monotonic() - start)

    def fit(self, share):
        """(kiloloops, sleep_us) that use this share, within a point if a few tries suffice."""
        sleep_us = round((1 - share) * PERIOD_US)
        kiloloops = share * PERIOD_US * 1e6 / self.ns_per_million
        tries = []
        for _ in range(TRIES):
            kiloloops = max(1, round(kiloloops))
            self.guest.busy(kiloloops, sleep_us)
            time.sleep(0.3)
            seen = min(self.used(LOOK_S), 0.98)
            tries.append((abs(seen - share), kiloloops, seen))
            if abs(seen - share) <= CLOSE:
                break
            # The work of a period is to its rest as the share is to what is left of it.
            kiloloops *= share / (1 - share) / (seen / (1 - seen))
        self.guest.idle()
        _, kiloloops, seen = min(tries)
        print(f"  load of {share * 100:.0f} %: {seen * 100:.1f} % used", flush=True)
        return kiloloops, sleep_us

    def prepare(self, shares):
        for share in shares:
            if share not in self.fitted:
                self.fitted[share] = self.fit(share)

    def start(self, guest, share):
        """Compute and sleep by turns, so that alone on a pCPU the guest uses this share of it."""
        guest.busy(*self.fitted[share])

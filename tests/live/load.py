# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads of a given size on guests whose speed depends on the machine."""

import time

PERIOD_US = 20000
LOOK_S = 1.0
TRIES = 4
CLOSE = 0.006  # of a pCPU


class Load:
    """Fits loops and sleep to shares of a pCPU, on guests that run together as they will in the cases.

    What a guest costs its host beside the loops (its timer, the emulator's wake-ups, the neighbours) is a
    part of what it uses, and a different one for every machine: so the host is asked and not the guest."""

    def __init__(self, guest):
        self.fitted = {}
        self.ns_per_million = min(int(guest.sh("busy calibrate")) for _ in range(3))

    @staticmethod
    def used(groups):
        """Share of a pCPU that a guest uses, on average of each group."""
        start = time.monotonic()
        before = [[guest.cpu_time_ns() for guest in guests] for _, guests in groups]
        time.sleep(LOOK_S)
        spent = (time.monotonic() - start) * 1e9
        return [
            sum(guest.cpu_time_ns() - was for guest, was in zip(guests, times)) / len(guests) / spent
            for (_, guests), times in zip(groups, before)
        ]

    def fit(self, groups, pcpus):
        """groups: (share, guests), spread evenly over the pCPUs; within a point if a few tries suffice."""
        for _, guests in groups:
            for i, guest in enumerate(guests):
                guest.pin([i % pcpus])
        loops = [share * PERIOD_US * 1e6 / self.ns_per_million for share, _ in groups]
        tries = []
        for _ in range(TRIES):
            tried = [(max(1, round(n)), round((1 - share) * PERIOD_US)) for n, (share, _) in zip(loops, groups)]
            for load, (_, guests) in zip(tried, groups):
                for guest in guests:
                    guest.busy(*load)
            seen = self.used(groups)
            tries.append((max(abs(s - share) for s, (share, _) in zip(seen, groups)), tried, seen))
            if tries[-1][0] <= CLOSE:
                break
            # The work of a period is to its rest as the share is to what is left of it.
            loops = [n * share / (1 - share) * (1 - s) / s for n, s, (share, _) in zip(loops, seen, groups)]
        _, tried, seen = min(tries)
        for load, s, (share, guests) in zip(tried, seen, groups):
            print(f"  load of {share * 100:.0f} %: {s * 100:.1f} % used", flush=True)
            self.fitted[share] = load
            for guest in guests:
                guest.idle()

    def start(self, guest, share):
        """Compute and sleep by turns, so that the guest uses this share of a pCPU."""
        guest.busy(*self.fitted[share])

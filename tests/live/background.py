# SPDX-License-Identifier: GPL-3.0-or-later
"""Other programs beside real guests: vcpu_scheduler has to see them.

background.py BUILD [--in-use]   both cases with two seeds each, and the pinned one without busy times
background.py BUILD CASE...      pinned, floating, blind; --in-use: see checks.py

What is judged is what the kernel says afterwards: its busy times of each pCPU, whoever ran there.
"""

import os
import random
import subprocess
import sys
import threading
import time

from checks import Disturbed, play_in_lab
from foreign import machine_busy_s
from lab import FOLDER, Program, names
from load import Load
from observer import CpuObserver

SHARE = 0.20  # of a pCPU, of each guest
SEEDS = (1, 2)
WORK_S = 32
JUDGED_S = 10  # after each pin, and at the end
REGRET_POINTS = 5
DISTURBED_PCT = 25  # of a pCPU, that programs outside of the lab may take on the whole machine
CASES = ("pinned", "floating", "blind")

# Computes for a share of each 20 ms and sleeps for the rest.
OTHER = """
import os, sys, time
os.nice(-20)
if sys.argv[2] != "-":
    os.sched_setaffinity(0, {int(sys.argv[2])})
while True:
    end = time.thread_time() + 0.02 * float(sys.argv[1])
    while time.thread_time() < end:
        pass
    time.sleep(0.02 * (1 - float(sys.argv[1])))
"""


class Other:
    """A program that is no guest, busy for a share of a pCPU, pinned or floating."""

    def __init__(self, share, pcpu=None):
        where = "-" if pcpu is None else str(pcpu)
        self.process = subprocess.Popen([sys.executable, "-c", OTHER, str(share), where])
        if os.path.exists(f"/proc/{self.process.pid}/autogroup"):
            with open(f"/proc/{self.process.pid}/autogroup", "w") as file:
                file.write("-20")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Busy(threading.Thread):
    """The kernel's busy time of each pCPU, on an observer's clock."""

    PERIOD_S = 0.25

    def __init__(self, observer):
        super().__init__(daemon=True)
        self.observer = observer
        self.ending = threading.Event()
        self.seen = []  # (when, seconds each pCPU was busy so far)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()

    def run(self):
        while not self.ending.wait(self.PERIOD_S):
            self.seen.append((self.observer.now(), machine_busy_s()))

    def pct(self, since, until):
        """What ran on each pCPU between two moments, whoever it was."""
        inside = [look for look in self.seen if since <= look[0] <= until]
        (first, before), (last, after) = inside[0], inside[-1]
        return {p: (after[p] - before[p]) / (last - first) * 100 for p in after}


def judge_pins(checks, observer, busy, start, end):
    """No pin made the largest load higher than it would be with the vCPU where it was."""
    worst, told = 0.0, "no pin"
    pins = observer.pins_since(start)
    for pin in pins:
        before = [s for s in observer.samples if s["at"] <= pin["at"]]
        was = before[-1]["place"][(pin["guest"], pin["vcpu"])]
        to = int(pin["to"])
        if was == to or pin["at"] + JUDGED_S > end:
            continue
        loads = busy.pct(pin["at"], pin["at"] + JUDGED_S)
        without = dict(loads)
        without[to] -= SHARE * 100
        without[was] += SHARE * 100
        regret = max(loads.values()) - max(without.values())
        if regret > worst or told == "no pin":
            worst, told = regret, f"{pin['guest']} {was}->{to}: {max(loads.values()):.0f} % at most"
    checks.that(
        f"no pin raised the largest load by more than {REGRET_POINTS} points",
        worst <= REGRET_POINTS,
        f"{len(pins)} pins, worst {worst:+.1f} ({told})",
    )


def least_largest(other_pct, n_guests, pcpus):
    """The least that the largest load can be: equal guests beside what is on pCPU 0."""
    used = SHARE * 100
    return min(
        max(other_pct + used * on_zero, used * -(-(n_guests - on_zero) // (pcpus - 1)))
        for on_zero in range(n_guests + 1)
    )


def play(case, seed, lab, load, build):
    """Guests evenly on the pCPUs, and then another program."""
    chance = random.Random(seed)
    other_share = chance.uniform(0.45, 0.6)
    guests = lab.guests[:]
    chance.shuffle(guests)
    pcpus = lab.n_pcpus
    floats = case == "floating"
    wrap = ["unshare", "--mount", "sh", "-c", f"mount --bind {FOLDER}/nothing /proc/stat && exec \"$@\"", "sh"]
    with CpuObserver() as observer, Busy(observer) as busy, Other(other_share, None if floats else 0):
        for i, guest in enumerate(guests):
            guest.pin([0] if floats else [i % pcpus])
            load.start(guest, SHARE)
        time.sleep(2.5)
        start = observer.now()
        with Program(build, "vcpu_scheduler", "2", wrap=wrap if case == "blind" else []) as program:
            time.sleep(WORK_S)
            alive = program.alive()
        print(observer.table(start))
        end = observer.now()
        for guest in guests:
            guest.idle()
    return observer, busy, start, end, alive, other_share * 100


def foreign_pct(observer):
    """What somebody else's programs took at the end, from the kernel's busy times."""
    samples = observer.samples[-JUDGED_S:]
    return sum(sum(s["foreign_pct"].values()) for s in samples) / len(samples)


def run(case, seed, lab, load, build, checks):
    checks.case(f"{case} {seed}", f"{len(lab.guests)} guests on {lab.n_pcpus} pCPUs, another program {case}")
    observer, busy, start, end, alive, other_pct = play(case, seed, lab, load, build)
    if foreign_pct(observer) > DISTURBED_PCT:
        raise Disturbed(f"other programs took {foreign_pct(observer):.0f} % of a pCPU")
    checks.that("the program was still there", alive)
    if case != "blind":
        judge_pins(checks, observer, busy, start, end)
    if case == "floating":
        return
    largest = max(busy.pct(end - JUDGED_S, end).values())
    least = least_largest(other_pct, len(lab.guests), lab.n_pcpus)
    figure = f"{largest:.0f} % for the last {JUDGED_S} s, {least:.0f} % can be had"
    if case == "blind":
        checks.that("without busy times the largest load stays", largest > least + REGRET_POINTS, figure)
    else:
        checks.that("the largest load comes down", largest <= least + REGRET_POINTS, figure)


def run_all(lab, build, checks, picked):
    lab.boot(names(2 * lab.n_pcpus), max_mib=256, mib=256)
    load = Load(lab.guests[0])
    load.fit([(SHARE, lab.guests)], lab.n_pcpus)
    for case in picked:
        for seed in SEEDS[:1] if case == "blind" else SEEDS:
            checks.play(run, case, seed, lab, load, build, checks)


def main(build, arguments):
    picked = [argument for argument in arguments if argument != "--in-use"] or list(CASES)
    unknown = [name for name in picked if name not in CASES]
    if unknown:
        sys.exit(f"background.py: no case '{unknown[0]}'; there are: {' '.join(CASES)}")
    with open(f"{FOLDER}/nothing", "w"):
        pass
    return play_in_lab(build, arguments, run_all, picked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

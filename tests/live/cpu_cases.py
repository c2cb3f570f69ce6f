# SPDX-License-Identifier: GPL-3.0-or-later
"""The seven CPU cases of the exercise, on as many pCPUs as this machine has.

vcpu_scheduler runs first, on idle guests; then the case sets its pins and starts its load, as the
exercise's scripts do. The observer judges.
"""

import statistics
import time

from lab import Program
from observer import CpuObserver, balanced_at

WINDOW_S = 17
STEP_S = 10
DISTURBED_PCT = 15  # of a pCPU, taken by something else on this machine


class CpuCase:
    """pins(i, n, P) -> pCPUs of guest i; load(i) -> heavy, equal, light or none."""

    def __init__(self, name, about, pins, load, step=False):
        self.name = name
        self.about = about
        self.pins = pins
        self.load = load
        self.step = step


def everywhere(_i, _n, pcpus):
    return range(pcpus)


CASES = [
    CpuCase("cpu-1", "all on one pCPU, equal load", lambda i, n, p: [0], lambda i: "equal"),
    CpuCase(
        "cpu-2", "half on pCPU 0, half on pCPU 1", lambda i, n, p: [0 if i < n // 2 else 1], lambda i: "equal"
    ),
    CpuCase("cpu-3", "already balanced, equal load", lambda i, n, p: [i % p], lambda i: "equal"),
    CpuCase("cpu-4", "full affinity, equal load", everywhere, lambda i: "equal"),
    CpuCase(
        "cpu-5", "full affinity, half heavy, half light", everywhere, lambda i: "light" if i % 2 else "heavy"
    ),
    CpuCase("cpu-6", "already balanced, no load", lambda i, n, p: [i % p], lambda i: "none"),
    CpuCase("cpu-7", "full affinity, all light, then half heavy", everywhere, lambda i: "light", step=True),
]

# Shares of a pCPU, per guest and per pCPU's worth of two guests; more guests each do less.
SHARES = {"heavy": 0.55, "equal": 0.42, "light": 0.25}


def start_load(case, guests, load, pcpus):
    scale = 2 * pcpus / len(guests)
    for i, guest in enumerate(guests):
        if case.load(i) != "none":
            load.start(guest, SHARES[case.load(i)] * scale)


def fewest_moves(counts):
    """Least arrivals that make the counts per pCPU equal."""
    fair = sum(counts) // len(counts)
    return sum(max(0, count - fair) for count in counts)


def count_on(place, names, pcpus):
    return [sum(1 for (name, _), at in place.items() if at == p and name in names) for p in range(pcpus)]


def calm(samples):
    return [s for s in samples if max(s["others_pct"].values()) <= DISTURBED_PCT]


def quiet_after(checks, observer, at, what):
    late = observer.pins_since(at)
    checks.that(f"no move after {what}", not late, f"{len(late)} moves")


def judge_balance(checks, observer, start, limit_s, noise):
    """Balanced in time, and steady from then on. Returns when, or None."""
    samples = observer.since(start)
    at = balanced_at(samples)
    checks.that(
        f"balanced within {limit_s:.0f} s",
        at is not None and at - start <= limit_s,
        f"after {at - start:.1f} s" if at else "never",
    )
    last = statistics.mean(sample["sigma"] for sample in samples[-5:])
    checks.that("rests at sigma 1.5 + noise", last <= 1.5 + noise, f"{last:.1f}, noise {noise:.1f}")
    if at is not None:
        after = [s for s in samples if s["at"] >= at]
        over = [s for s in calm(after) if s["sigma"] > 5]
        checks.that(
            "sigma never above 5 again",
            not over,
            f"{len(over)} of {len(after)} samples, {len(after) - len(calm(after))} disturbed by the machine",
        )
    return at


def judge_step(checks, case_run):
    """Half the guests, all on one pCPU where that can be, turn heavy."""
    observer, guests, load, interval, noise = case_run
    pcpus = len(observer.online)
    place = observer.samples[-1]["place"]
    by_place = sorted(guests, key=lambda guest: place[(guest.name, 0)])
    heavy = by_place[: len(guests) // 2]
    scale = 2 * pcpus / len(guests)
    for guest in heavy:
        load.start(guest, SHARES["heavy"] * scale)
    step = observer.now()
    time.sleep(WINDOW_S)
    heavies = {guest.name for guest in heavy}
    lights = {guest.name for guest in guests} - heavies
    fewest = fewest_moves(count_on(place, heavies, pcpus)) + fewest_moves(count_on(place, lights, pcpus))
    moves = len(observer.pins_since(step))
    checks.that("fewest moves after the step", moves <= fewest, f"{moves} of {fewest}")
    judge_balance(checks, observer, step, 3 * interval + 2, noise)
    quiet_after(checks, observer, step + 3 * interval + 2, "rebalance")


def judge(checks, case, observer, start, guests, interval, noise):
    n, pcpus = len(guests), len(observer.online)
    moves = observer.pins_since(start)
    pinned = [(pin["guest"], pin["vcpu"]) for pin in moves]
    if case.name in ("cpu-3", "cpu-6"):
        checks.that("no pin call", not moves, f"{len(moves)} moves")
        return
    settled = start + 2 * interval + 2
    if case.name in ("cpu-1", "cpu-2"):
        fewest = fewest_moves([sum(1 for i in range(n) if p in case.pins(i, n, pcpus)) for p in range(pcpus)])
        checks.that("fewest possible moves", len(moves) == fewest, f"{len(moves)} of {fewest}")
        judge_balance(checks, observer, start, 2 * interval + 2, noise)
    elif case.name == "cpu-5":
        settled = start + 3 * interval + 2
        checks.that(f"at most {n} moves", len(moves) <= n, f"{len(moves)} moves")
        judge_balance(checks, observer, start, 3 * interval + 2, noise)
    else:
        settled = start + 3 * interval + 2
        checks.that("each vCPU pinned at most once", len(pinned) == len(set(pinned)), f"{len(moves)} moves")
        judge_balance(checks, observer, start, 3 * interval + 2, noise)
    quiet_after(checks, observer, settled, "the start")


def run(case, lab, guests, load, build, interval, checks, noise, picture):
    """One case; returns the sigma of its last five samples."""
    title = f"{case.name} {len(guests)}x{lab.n_pcpus}"
    checks.case(title, f"{case.about}, vcpu_scheduler {interval}")
    for i, guest in enumerate(guests):
        guest.idle()
        guest.pin(list(case.pins(i, len(guests), lab.n_pcpus)))
    with CpuObserver() as observer, Program(build, "vcpu_scheduler", str(interval)) as program:
        time.sleep(interval + 1)
        for i, guest in enumerate(guests):
            guest.pin(list(case.pins(i, len(guests), lab.n_pcpus)))
        start_load(case, guests, load, lab.n_pcpus)
        time.sleep(0.2)
        start = observer.now()
        time.sleep(STEP_S if case.step else 30 if case.name == "cpu-6" else WINDOW_S)
        if case.step:
            judge_step(checks, (observer, guests, load, interval, noise))
        else:
            judge(checks, case, observer, start, guests, interval, noise)
        checks.that("the program is still there", program.alive())
        print(observer.table(start))
        picture.cpu(title, observer, start)
        picture.words(title, program)
        return statistics.mean(sample["sigma"] for sample in observer.samples[-5:])

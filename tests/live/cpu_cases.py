# SPDX-License-Identifier: GPL-3.0-or-later
"""The seven CPU cases of the exercise, on as many pCPUs as this machine has.

vcpu_scheduler runs first, on idle guests; then the case sets its pins and starts its load, as the
exercise's scripts do. The observer judges.
"""

import concurrent.futures
import math
import statistics
import time

from evenness import fewest_moves, is_worth_it
from lab import Program
from observer import CpuObserver, balanced_at

LAST = 5  # samples at rest
WINDOW_S = 8 + LAST  # the longest time that balance may take, and rest
STILL_S = {"cpu-3": 17, "cpu-6": 30}  # where nothing is to be done
STEP_S = 12
REFERENCE_S = LAST + 0.9
BALANCED = 5.0
DISTURBED_PCT = 15  # of a pCPU, taken by something else on this machine
LOOKS_BACK = (2, 4, 8)  # intervals; over which of them other programs are averaged is anybody's choice


class CpuCase:
    """pins(i, n, P) -> pCPUs of guest i; load(i) -> heavy, equal, light or none; intervals: how soon
    (and two seconds) it has to be balanced."""

    def __init__(self, name, about, pins, load, step=False, intervals=3):
        self.name = name
        self.about = about
        self.pins = pins
        self.load = load
        self.step = step
        self.intervals = intervals


def everywhere(_i, _n, pcpus):
    return range(pcpus)


CASES = [
    CpuCase("cpu-1", "all on one pCPU, equal load", lambda i, n, p: [0], lambda i: "equal", intervals=2),
    CpuCase(
        "cpu-2",
        "half on pCPU 0, half on pCPU 1",
        lambda i, n, p: [0 if i < n // 2 else 1],
        lambda i: "equal",
        intervals=2,
    ),
    CpuCase("cpu-3", "already balanced, equal load", lambda i, n, p: [i % p], lambda i: "equal"),
    CpuCase("cpu-4", "full affinity, equal load", everywhere, lambda i: "equal"),
    CpuCase(
        "cpu-5", "full affinity, half heavy, half light", everywhere, lambda i: "light" if i % 2 else "heavy"
    ),
    CpuCase("cpu-6", "already balanced, no load", lambda i, n, p: [i % p], lambda i: "none"),
    CpuCase("cpu-7", "full affinity, all light, then half heavy", everywhere, lambda i: "light", step=True),
]

# Shares of a pCPU where two guests share one; more guests each do less. As on the exercise's own host:
# pCPUs are 40 % loaded by equal guests, 36 % by light ones, 54 % where each has a heavy one as well, and
# a heavy program does twice the work of a light one.
SHARES = {"heavy": 0.36, "equal": 0.20, "light": 0.18, "none": 0.0}


def share_of(kind, guests, pcpus):
    return SHARES[kind] * 2 * pcpus / len(guests)


def start_load(case, guests, load, pcpus):
    """All at once: who waits for another has a head start on the program's interval."""
    shares = [(guest, case.load(i)) for i, guest in enumerate(guests) if case.load(i) != "none"]
    with concurrent.futures.ThreadPoolExecutor(len(guests)) as pool:
        list(pool.map(lambda one: load.start(one[0], share_of(one[1], guests, pcpus)), shares))


def count_on(place, names, pcpus):
    return [sum(1 for (name, _), at in place.items() if at == p and name in names) for p in range(pcpus)]


def is_disturbed(sample):
    return max(sample["foreign_pct"].values()) > DISTURBED_PCT


class Played:
    """What happened in a case: guests with their kinds of load, what the observer saw from `start` to
    `end`, the step if there was one, and the noise of the same loads that nobody steers. On a machine in
    use what else ran on a pCPU counts: a move that it asked for is as right as one that a guest did."""

    def __init__(self, case, guests, interval, observer, in_use):
        self.in_use = in_use
        self.case = case
        self.guests = guests
        self.interval = interval
        self.observer = observer
        self.pcpus = len(observer.online)
        self.kinds_before = {guest.name: case.load(i) for i, guest in enumerate(guests)}
        self.kinds = dict(self.kinds_before)
        self.start = self.step = self.end = observer.now()
        self.place = {}  # before the step
        self.noise = self.scatter = 0.0

    def samples(self, since, until=None):
        return [s for s in self.observer.since(since) if s["at"] < (until or self.end)]

    def pins(self, since, until=None):
        return [pin for pin in self.observer.pins_since(since) if pin["at"] < (until or self.end)]

    def loads(self, place, at=float("inf")):
        """(share, guests of it on each pCPU) for each kind of load, in a placement at some time."""
        kinds = self.kinds if at >= self.step else self.kinds_before
        loads = []
        for kind in sorted(set(kinds.values())):
            names = {name for name in kinds if kinds[name] == kind}
            loads.append((share_of(kind, self.guests, self.pcpus), count_on(place, names, self.pcpus)))
        return loads

    def others(self, at, intervals):
        """What else ran on each pCPU, as far as so many intervals can tell."""
        since = min(at, self.observer.samples[-1]["at"]) - intervals * self.interval
        window = [s for s in self.observer.since(since) if s["at"] <= at]
        return [statistics.mean([s["others_pct"][p] for s in window] or [0.0]) for p in range(self.pcpus)]

    def readings(self, at):
        """What can be said to have run beside the guests: nothing, and on a machine in use what did. One
        second of it is known to ten points or so, and a program that changes is nobody's to foresee."""
        beside = [self.others(at, intervals) for intervals in LOOKS_BACK] if self.in_use else []
        return [[0.0] * self.pcpus, *beside]

    def is_even(self, place, at=float("inf")):
        """Whether no placement is better by some reading: what is uneven in its samples is the machine's
        doing."""
        loads = self.loads(place, at)
        return any(fewest_moves(loads, others) == 0 for others in self.readings(at))

    def batches(self, pins):
        """The pins that one plan made, plan by plan."""
        batches = []
        for pin in pins:
            if not batches or pin["at"] - batches[-1][-1]["at"] > self.interval / 2:
                batches.append([])
            batches[-1].append(pin)
        return batches

    def is_asked_for(self, batch):
        """Whether a plan was right by what was known when it was made, other programs included."""
        at = batch[0]["at"]
        before = [s for s in self.observer.samples if s["at"] <= at][-1]["place"]
        after = before | {(pin["guest"], pin["vcpu"]): int(pin["to"]) for pin in batch if pin["to"].isdigit()}
        then, there = self.loads(before, at), self.loads(after, at)
        return any(is_worth_it(then, there, len(batch), others) for others in self.readings(at))

    def unasked(self, pins):
        """The pins of the plans that nothing asked for; where other programs do not count, all are."""
        if not self.in_use:
            return pins
        return [pin for batch in self.batches(pins) if not self.is_asked_for(batch) for pin in batch]

    def limit(self):
        """Sigma up to which a sample counts as balanced: 5, or 5 more than where nobody steers."""
        return BALANCED if self.noise <= BALANCED / 2 else BALANCED + self.noise

    def is_at_best(self, sample):
        """All of it was on pins that no other could beat: what is uneven is no move's to mend."""
        pinned = not sample["pins"] and not sample["floating"]
        return pinned and self.is_even(sample["place"], sample["at"])

    def is_balanced(self, sample):
        """No more uneven than 5, on a machine in use with what else runs there. At its best it is excused
        while other programs run, and where there has been nothing to move: then nobody can have been
        late."""
        since = self.step if self.start < self.step <= sample["at"] else self.start
        excused = is_disturbed(sample) or not self.pins(since, sample["at"])
        sigma = min(sample["sigma"], sample["busy_sigma"]) if self.in_use else sample["sigma"]
        return sigma <= self.limit() or (excused and self.is_at_best(sample))

    def refer(self):
        """The same loads where nobody steers: sigma at rest of the placement that is left, or of the best
        one where that is not even. A pCPU may be slower than another for minutes, and then the same work
        fills it more."""
        place = self.observer.samples[-1]["place"]
        if not self.is_even(place):
            ordered = sorted(self.guests, key=lambda guest: self.kinds[guest.name])
            for i, guest in enumerate(ordered):
                guest.pin([i % self.pcpus])
        time.sleep(REFERENCE_S)
        sigmas = [sample["sigma"] for sample in self.observer.samples[-LAST:]]
        self.noise = statistics.mean(sigmas)
        self.scatter = statistics.stdev(sigmas)


def told(moves, unasked):
    return f"{moves} moves" + (f", {moves - unasked} for other programs" if unasked < moves else "")


def quiet_after(checks, played, at, until, what):
    pins = played.pins(at, until)
    late = played.unasked(pins)
    checks.that(f"no move after {what}", not late, told(len(pins), len(late)))


def judge_moves(checks, played, pins, fewest, what):
    """As many as are needed; more only as plans that were right when they were made."""
    holds = len(pins) <= fewest or (played.in_use and not played.unasked(pins))
    checks.that(what, holds, f"{len(pins)} of {fewest}")


def judge_balance(checks, played, start, limit_s, until=None):
    """Balanced in time, and steady from then on."""
    samples = played.samples(start, until)
    at = balanced_at(samples, played.is_balanced)
    checks.that(
        f"balanced within {limit_s:.0f} s",
        at is not None and at - start <= limit_s,
        f"after {at - start:.1f} s" if at else "never",
    )
    if at is not None:
        after = [s for s in samples if s["at"] >= at]
        over = [s for s in after if not played.is_balanced(s) and not is_disturbed(s)]
        worse = [s for s in over if not played.is_at_best(s)]
        checks.that(
            f"sigma never above {played.limit():.1f} again where a placement could be more even",
            not worse,
            f"{len(worse)} of {len(after)} samples, {len(over) - len(worse)} on the best placement there is, "
            f"{sum(map(is_disturbed, after))} disturbed by the machine",
        )


def judge_rest(checks, played):
    """Where the guests are at the end must be as even as can be; what is measured there must not be more
    uneven than where nobody steers, as far as two times five samples can tell."""
    last = played.samples(played.start)[-LAST:]
    sigmas = [sample["sigma"] for sample in last]
    sigma = statistics.mean(sigmas)
    error = math.sqrt((statistics.variance(sigmas) + played.scatter**2) / LAST)
    even = played.is_even(last[-1]["place"], played.end)
    checks.that("rests on a placement that cannot be more even", even)
    pulled = played.in_use and any(map(is_disturbed, last))  # and then even with the others, if at all
    checks.that(
        "rests at sigma 1.5 + noise",
        sigma <= 1.5 + played.noise + 2 * error or pulled,
        f"{sigma:.1f}, noise {played.noise:.1f}, both known to {2 * error:.1f}",
    )


def judge_step(checks, played):
    limit_s = 3 * played.interval + 2
    fewest = fewest_moves(played.loads(played.place), [0] * played.pcpus)
    pins = played.pins(played.step)
    judge_moves(checks, played, pins, fewest, "fewest moves after the step")
    judge_balance(checks, played, played.step, limit_s)
    quiet_after(checks, played, played.step + limit_s, None, "rebalance")


def judge(checks, played):
    case, n, pcpus = played.case, len(played.guests), played.pcpus
    until = played.step if case.step else None
    moves = played.pins(played.start, until)
    if case.name in STILL_S:
        counted = played.unasked(moves)
        checks.that("no pin call", not counted, told(len(moves), len(counted)))
        return
    limit_s = case.intervals * played.interval + 2
    places = [list(case.pins(i, n, pcpus)) for i in range(n)]
    if all(len(place) == 1 for place in places):
        place = {(guest.name, 0): place[0] for guest, place in zip(played.guests, places)}
        fewest = fewest_moves(played.loads(place, played.start), [0] * pcpus)
        judge_moves(checks, played, moves, fewest, "fewest possible moves")
    else:
        counted = played.unasked(moves)
        pinned = [(pin["guest"], pin["vcpu"]) for pin in counted]
        once = len(pinned) == len(set(pinned))
        checks.that("each vCPU pinned at most once", once, told(len(moves), len(counted)))
    judge_balance(checks, played, played.start, limit_s, until)
    quiet_after(checks, played, played.start + limit_s, until, "the start")
    if case.step:
        judge_step(checks, played)
    judge_rest(checks, played)


def step(played, load):
    """Half the guests, all on one pCPU where that can be, turn heavy."""
    played.place = played.observer.samples[-1]["place"]
    by_place = sorted(played.guests, key=lambda guest: played.place[(guest.name, 0)])
    for guest in by_place[: len(by_place) // 2]:
        played.kinds[guest.name] = "heavy"
        load.start(guest, share_of("heavy", played.guests, played.pcpus))
    played.step = played.observer.now()
    time.sleep(WINDOW_S + 0.5)


def play(case, guests, load, interval, observer, in_use):
    """From the moment at which the test script acts to the end of the window."""
    played = Played(case, guests, interval, observer, in_use)
    for i, guest in enumerate(guests):
        guest.pin(list(case.pins(i, len(guests), played.pcpus)))
    start_load(case, guests, load, played.pcpus)
    time.sleep(0.2)
    played.start = observer.now()
    time.sleep(STEP_S if case.step else STILL_S.get(case.name, WINDOW_S + 0.5))
    if case.step:
        step(played, load)
    played.end = observer.now()
    return played


def attempt(case, lab, guests, load, build, interval, picture, in_use):
    """The case as it was played, its picture and table."""
    title = f"{case.name} {len(guests)}x{lab.n_pcpus}"
    for i, guest in enumerate(guests):
        guest.idle()
        guest.pin(list(case.pins(i, len(guests), lab.n_pcpus)))
    with CpuObserver() as observer:
        with Program(build, "vcpu_scheduler", str(interval)) as program:
            time.sleep(interval + 1)
            played = play(case, guests, load, interval, observer, in_use)
            alive = program.alive()
        if case.name not in STILL_S:
            played.refer()
    picture.cpu(title, observer, played.start, played.end)
    picture.words(title, program)
    return played, alive


def run(case, lab, guests, load, build, interval, checks, picture):
    checks.case(f"{case.name} {len(guests)}x{lab.n_pcpus}", f"{case.about}, vcpu_scheduler {interval}")
    played, alive = attempt(case, lab, guests, load, build, interval, picture, checks.in_use)
    print(played.observer.table(played.start, played.end))
    judge(checks, played)
    checks.that("the program was still there", alive)

# SPDX-License-Identifier: GPL-3.0-or-later
"""The four memory cases of the exercise on four real guests.

Guests keep the sizes that the case before left them with, until every one is forced to 512 MiB from
outside, as the exercise's scripts do, and the programs inside begin to eat.
"""

import time

from lab import Program, wait_for
from observer import MemoryObserver, direction_changes

FORCED_MIB = 512
RATE = 22  # MiB/s, within the 13 to 22 that the exercise's program was measured at
HOLD_S = 4
RELEASE_S = 30
A_LIMIT_MIB = 330  # the eater that stops early and frees
LEAST_MIB = 200
UNUSED_MIB = 100
IDLE_MIB = 130  # unused at most, at rest
STEP_MIB = 128  # down between two samples, and of the guest's size
STEP_SHARE = 0.25
HOST_FREE_MIB = 200


class MemoryCase:
    """eats(i) -> "A" (stops early), "B" (as much as there is) or None."""

    def __init__(self, name, about, eats):
        self.name = name
        self.about = about
        self.eats = eats


CASES = [
    MemoryCase(
        "memory-1", "the first guest grows to its limit, then frees", lambda i: "B" if i == 0 else None
    ),
    MemoryCase("memory-2", "all grow to their limit, then free", lambda i: "B"),
    MemoryCase("memory-3", "all grow, two free early, two go on", lambda i: "A" if i < 2 else "B"),
    MemoryCase("memory-4", "two grow, one frees early, two are idle", lambda i: {0: "A", 1: "B"}.get(i)),
]


def steps_down(pairs):
    """(MiB, share of the size before) of every fall between two samples."""
    sizes = [size for size, _ in pairs]
    return [(a - b, (a - b) / a) for a, b in zip(sizes, sizes[1:]) if b < a]


def judge_guest(checks, guest, kind, observer, start, freed):
    name, top = guest.name, guest.max_kib / 1024
    pairs = observer.pairs(name, start)
    peak = max(size for size, _ in pairs)
    low = min(size for size, _ in pairs)
    hungry = [u for size, u in pairs if u is not None and u < UNUSED_MIB and size < top - 8]
    checks.that(
        f"{name}: under {UNUSED_MIB} MiB unused at most once", len(hungry) <= 1, f"{len(hungry)} samples"
    )
    checks.that(f"{name}: never under {LEAST_MIB} MiB", low >= LEAST_MIB, f"{low:.0f} MiB")
    down = steps_down(pairs)
    most, share = max(down, default=(0, 0)), max((s for _, s in down), default=0)
    checks.that(
        f"{name}: gives back gradually",
        most[0] <= STEP_MIB + 0.5 and share <= STEP_SHARE + 0.005,
        f"at most {most[0]:.0f} MiB and {share * 100:.0f} % between two samples",
    )
    phases = [(start, freed), (freed, float("inf"))] if kind else [(start, float("inf"))]
    for begin, end in phases:
        sizes = [s["guests"][name][0] for s in observer.since(begin) if s["at"] < end]
        turns = direction_changes(sizes)
        checks.that(f"{name}: one direction {'per phase' if kind else ''}", turns == 0, f"{turns} turns")
    if kind == "B":
        checks.that(f"{name}: reaches its maximum", peak >= top - 8, f"{peak:.0f} of {top:.0f} MiB")
    if kind:
        judge_release(checks, name, observer, freed)
    judge_rest(checks, name, observer, moves=bool(kind))
    if kind == "A":
        used = max(size - u for size, u in pairs if u is not None)
        checks.that(
            f"{name}: not fed beyond its need",
            peak - used <= UNUSED_MIB + 150 or peak <= FORCED_MIB + 8,
            f"peak {peak:.0f} MiB, used {used:.0f} MiB",
        )


def judge_release(checks, name, observer, freed):
    samples = observer.pairs(name, freed)
    done = next((i for i, (size, _) in enumerate(samples) if size <= 520), None)
    checks.that(
        f"{name}: back within 520 MiB 14 samples after the free",
        done is not None and done <= 14,
        f"{done} samples" if done is not None else "never",
    )


def judge_rest(checks, name, observer, moves):
    """At the end a guest has what it needs, its reserve, and little more; an idle one is left alone."""
    samples = observer.pairs(name)[-5:]
    size, unused = samples[-1]
    checks.that(
        f"{name}: rests at {UNUSED_MIB} to {IDLE_MIB} MiB unused",
        unused is not None and UNUSED_MIB - 0.5 <= unused <= IDLE_MIB + 0.5,
        f"{size:.0f} MiB, {unused or 0:.0f} MiB unused",
    )
    if moves:
        return
    spread = max(size for size, _ in samples) - min(size for size, _ in samples)
    checks.that(f"{name}: moves no more", spread <= 8, f"{spread:.0f} MiB in 5 samples")


def force_all(guests):
    """Waits a little for the sizes to arrive; meanwhile the program may already plan otherwise."""
    for guest in guests:
        guest.set_mib(FORCED_MIB)
    waiting, end = set(guests), time.monotonic() + 5
    while waiting and time.monotonic() < end:
        waiting = {guest for guest in waiting if abs(guest.memory()[0] - FORCED_MIB) > 16}
        time.sleep(0.1)
    time.sleep(1.5)  # until the guests' own reports agree


def wait_for_free(guests, kinds, freed, observer):
    """Until the As have freed by themselves and the Bs have had all they can get."""
    grown_at = {}

    def done():
        for guest, kind in zip(guests, kinds):
            held, state = guest.eaten() if kind else (0, "freed")
            if guest.name in freed or kind is None:
                continue
            if state == "freed":
                freed[guest.name] = observer.now()
            elif kind == "B" and state in ("waiting", "holding"):
                since = grown_at.setdefault(guest.name, (held, time.monotonic()))
                if since[0] != held:
                    grown_at[guest.name] = (held, time.monotonic())
                elif time.monotonic() - since[1] >= HOLD_S:
                    guest.idle()
                    freed[guest.name] = observer.now()
        return len(freed) == sum(1 for kind in kinds if kind)

    wait_for("the guests to grow and free", done, 90, pause=1)


def run(case, lab, guests, build, interval, checks, picture):
    checks.case(case.name, f"{case.about}, memory_coordinator {interval}")
    kinds = [case.eats(i) for i in range(len(guests))]
    freed = {}
    for guest in guests:
        guest.idle()
    with MemoryObserver() as observer, Program(build, "memory_coordinator", str(interval)) as program:
        time.sleep(3)
        force_all(guests)
        start = observer.now()
        for guest, kind in zip(guests, kinds):
            if kind:
                limit = A_LIMIT_MIB if kind == "A" else guest.max_kib // 1024
                guest.eat(limit, RATE, hold_s=1, keep_mib=8)
        wait_for_free(guests, kinds, freed, observer)
        time.sleep(RELEASE_S)
        print(observer.table(start))
        for guest, kind in zip(guests, kinds):
            judge_guest(checks, guest, kind, observer, start, freed.get(guest.name, start))
        free = min(sample["host_free_mib"] for sample in observer.samples)
        checks.that(f"the host keeps {HOST_FREE_MIB} MiB", free >= HOST_FREE_MIB, f"{free:.0f} MiB at least")
        checks.that("all guests alive, none out of memory", not lab.oom(), " ".join(lab.oom()[:3]))
        checks.that("the program is still there", program.alive())
        picture.memory(case.name, observer, start)
        picture.words(case.name, program)

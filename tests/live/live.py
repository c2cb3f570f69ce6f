# SPDX-License-Identifier: GPL-3.0-or-later
"""live.py BUILD [--in-use]: the two programs on real guests: four busy ones on one pCPU are spread and
then left alone; one grows while three give. --in-use: this machine has other things to do (checks.py)."""

import sys
import time

import cpu_cases
from checks import play_in_lab
from lab import Program, names, wait_for
from load import Load
from observer import MemoryObserver
from picture import Picture

MAX_MIB = 896
START_MIB = 512
LEAST_MIB = 200
UNUSED_MIB = 100


SPREAD = cpu_cases.CpuCase("spread", "busy guests on pCPU 0", lambda i, n, p: [0], lambda i: "heavy")


def spread(lab, build, checks):
    load = Load(lab.guests[0])
    load.fit([(cpu_cases.share_of("heavy", lab.guests, lab.n_pcpus), lab.guests)], lab.n_pcpus)
    picture = Picture(build)
    checks.play(cpu_cases.run, SPREAD, lab, lab.guests, load, build, 2, checks, picture)
    for guest in lab.guests:
        guest.idle()


def give(lab, build, checks):
    budget_mib = len(lab.guests) * START_MIB
    checks.case(
        "give",
        f"one guest grows to {MAX_MIB} MiB, the others give; all share {budget_mib} MiB, memory_coordinator 2",
    )
    grower, givers = lab.guests[0], lab.guests[1:]
    for guest in lab.guests:
        guest.idle()
        guest.set_mib(START_MIB)
    wait_for(
        "the balloons to reach their start",
        lambda: all(abs(guest.memory()[0] - START_MIB) <= 1 for guest in lab.guests),
        20,
    )
    arguments = ["2", "--host-budget", str(budget_mib)]
    with MemoryObserver() as observer, Program(build, "memory_coordinator", *arguments) as program:
        time.sleep(5)
        start = observer.now()
        grower.eat(MAX_MIB, 16, keep_mib=8)
        time.sleep(60)
        checks.that("the program is still there", program.alive())
        seconds, status = program.stop()
        checks.that("SIGTERM ends it within a second", seconds < 1 and status == 0, f"{seconds:.2f} s")
        print(observer.table())
        held, state = grower.eaten()
        peak = max(observer.sizes(grower.name, start))
        checks.that(
            "the grower reaches its maximum",
            peak >= MAX_MIB - 8,
            f"{START_MIB} -> {peak:.0f} MiB, its program holds {held} MiB ({state})",
        )
        for giver in givers:
            pairs = observer.pairs(giver.name, start)
            least = min(size for size, _ in pairs)
            unused = min(unused for _, unused in pairs if unused is not None)
            checks.that(
                f"{giver.name} gives and stays above its floor",
                least < START_MIB and least >= LEAST_MIB and unused >= UNUSED_MIB - 1,
                f"{START_MIB} -> {least:.0f} MiB, {unused:.0f} MiB unused at least",
            )
        most = max(sample["total_mib"] for sample in observer.since(start))
        checks.that("never more than there is", most <= budget_mib, f"{most:.0f} of {budget_mib} MiB")
        checks.that("no guest ran out of memory", not lab.oom(), " ".join(lab.oom()[:3]))
        if checks.is_lost():
            print(program.output())


def run_all(lab, build, checks):
    lab.boot(names(2 * lab.n_pcpus), max_mib=MAX_MIB, mib=START_MIB)
    print(f"{len(lab.guests)} guests on {lab.n_pcpus} pCPUs after {time.monotonic() - checks.start_s:.0f} s")
    spread(lab, build, checks)
    checks.play(give, lab, build, checks)


if __name__ == "__main__":
    sys.exit(play_in_lab(sys.argv[1], sys.argv[2:], run_all))

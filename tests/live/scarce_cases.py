# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that does not suffice, and guests and daemons that fail in the middle of it."""

import json
import os
import signal
import time

from lab import MIB, Program, wait_for
from observer import MemoryObserver

LEAST_MIB = 200
RATE = 20
IDLE_NEED_MIB = 200
FAIR_MIB = 64


class ScarceCase:
    def __init__(self, name, about, budget_mib, play):
        self.name = name
        self.about = about
        self.budget_mib = budget_mib
        self.play = play


class Stage:
    """What a case plays on: guests, observer, the running program, checks."""

    def __init__(self, case, lab, guests, observer, program, checks):
        self.case = case
        self.lab = lab
        self.guests = guests
        self.observer = observer
        self.program = program
        self.checks = checks

    def size(self, guest):
        return self.observer.samples[-1]["guests"][guest.name][0]

    def states(self, guest):
        """The states that the program reported for a guest, in order, without repetitions."""
        states = []
        with open(self.program.out_path) as file:
            for line in file:
                if not line.endswith("\n") or not line.startswith("{"):
                    continue
                for entry in json.loads(line).get("guests", []):
                    if entry["name"] == guest.name and entry["state"] not in states[-1:]:
                        states.append(entry["state"])
        return states

    def grows(self, guest, mib, seconds, what):
        start = self.observer.now()
        try:
            wait_for(what, lambda: self.size(guest) >= mib, seconds, pause=0.5)
            reached = True
        except Exception:  # the check below says it
            reached = False
        self.checks.that(
            what, reached, f"{self.size(guest):.0f} MiB after {self.observer.now() - start:.0f} s"
        )

    def never_overdrawn(self, since, slack_mib=0):
        most = max(sample["total_mib"] for sample in self.observer.since(since))
        budget = self.case.budget_mib + slack_mib
        self.checks.that("never more given than there is", most <= budget, f"{most:.0f} of {budget} MiB")


def redirect(stage):
    """Two grow and must share; one frees and the other takes it over; then all is released."""
    first, second = stage.guests[:2]
    start = stage.observer.now()
    for guest in (first, second):
        guest.eat(guest.max_kib // MIB, RATE, keep_mib=8)
    time.sleep(30)
    gap = abs(stage.size(first) - stage.size(second))
    stage.checks.that(
        "two in equal need get equal shares",
        gap <= FAIR_MIB,
        f"{stage.size(first):.0f} and {stage.size(second):.0f} MiB",
    )
    given = stage.observer.samples[-1]["total_mib"]
    stage.checks.that(
        "nothing needed is left lying",
        given >= stage.case.budget_mib - FAIR_MIB,
        f"{given:.0f} of {stage.case.budget_mib} MiB given",
    )
    first.idle()
    stage.grows(second, second.max_kib / MIB - 8, 35, "what one frees reaches the other")
    second.idle()
    time.sleep(20)
    stage.checks.that("the other gives it back", stage.size(second) <= 520, f"{stage.size(second):.0f} MiB")
    stage.never_overdrawn(start)


def unloaded(stage):
    """A guest loses its balloon driver, and with it everything the balloon held."""
    grower, stuck = stage.guests[0], stage.guests[1]
    top = stuck.max_kib / MIB
    stuck.sh("rmmod virtio_balloon")
    time.sleep(12)
    settled = stage.observer.now()
    grower.eat(grower.max_kib // MIB, RATE, keep_mib=8)
    left_mib = stage.case.budget_mib - top - 2 * IDLE_NEED_MIB - FAIR_MIB
    stage.grows(grower, min(left_mib, grower.max_kib / MIB - 8), 45, "the others go on without it")
    stage.never_overdrawn(settled)
    states = stage.states(stuck)
    stage.checks.that(
        "the report says that it is out", states[-1:] in (["stuck"], ["silent"]), " ".join(states)
    )
    grower.idle()
    stuck.sh("insmod /modules/virtio_balloon.ko")
    time.sleep(24)
    states = stage.states(stuck)
    stage.checks.that("and that it is back", states[-1:] in (["ok"], ["slow"]), " ".join(states))
    renew(stage.lab, stuck)


def renew(lab, guest):
    """The same guest, freshly booted, in the same place of the list."""
    place = lab.guests.index(guest)
    lab.remove(guest)
    (fresh,) = lab.boot([guest.name], max_mib=guest.max_kib // MIB, mib=512)
    lab.guests.insert(place, lab.guests.pop(lab.guests.index(fresh)))


def killed(stage):
    """A guest dies while its memory is on the move."""
    grower, victim = stage.guests[0], stage.guests[3]
    start = stage.observer.now()
    grower.eat(grower.max_kib // MIB, RATE, keep_mib=8)
    time.sleep(11)
    with open(f"/run/libvirt/qemu/{victim.name}.pid") as file:
        os.kill(int(file.read()), signal.SIGKILL)
    stage.grows(grower, grower.max_kib / MIB - 8, 45, "the grower still reaches its maximum")
    stage.never_overdrawn(start)
    renew(stage.lab, victim)


def restarted(stage):
    """libvirtd is gone for a while."""
    grower = stage.guests[0]
    start = stage.observer.now()
    grower.eat(grower.max_kib // MIB, RATE, keep_mib=8)
    time.sleep(9)
    stage.lab.stop_libvirtd(signal.SIGKILL)
    time.sleep(5)
    stage.checks.that("the program outlives libvirtd", stage.program.alive())
    stage.lab.start_libvirtd()
    stage.grows(grower, grower.max_kib / MIB - 8, 45, "the grower still reaches its maximum")
    stage.never_overdrawn(start)


CASES = [
    ScarceCase("scarce-1", "growth, fair shares, redirect, release", 1536, redirect),
    ScarceCase("scarce-2", "a guest's balloon driver is unloaded and comes back", 2400, unloaded),
    ScarceCase("scarce-3", "a guest is killed in mid-step", 2048, killed),
    ScarceCase("scarce-4", "libvirtd is killed and started again", 2048, restarted),
]


def shrink(guests, budget_mib):
    """A start that fits into the budget."""
    for guest in guests:
        guest.idle()
        guest.set_mib(budget_mib // len(guests))
    wait_for(
        "the guests to fit into the budget",
        lambda: sum(guest.memory()[0] for guest in guests) <= budget_mib + 1,
        30,
    )


def run(case, lab, guests, build, checks, picture):
    checks.case(case.name, f"{case.about}; {case.budget_mib} MiB for {len(guests)} guests")
    shrink(guests, case.budget_mib)
    arguments = ["2", "--host-budget", str(case.budget_mib)]
    with MemoryObserver() as observer, Program(build, "memory_coordinator", *arguments) as program:
        time.sleep(5)
        start = observer.now()
        case.play(Stage(case, lab, list(guests), observer, program, checks))
        print(observer.table(start))
        least = min(size for sample in observer.since(start) for size, _ in sample["guests"].values())
        checks.that(f"no guest under {LEAST_MIB} MiB", least >= LEAST_MIB, f"{least:.0f} MiB")
        checks.that("no guest out of memory (their kernel logs)", not lab.oom(), " ".join(lab.oom()[:3]))
        checks.that("the program is still there", program.alive())
        picture.memory(case.name, observer, start)
        picture.words(case.name, program)
    for guest in lab.guests:
        guest.idle()

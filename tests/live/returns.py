# SPDX-License-Identifier: GPL-3.0-or-later
"""returns.py BUILD [--in-use]: a guest that was changed, whose program was killed, is saved by its owner and
comes back: it has the pins and the size that we gave it, and gets what was found before those. One that is
booted instead has what its definition says. What puts it back is evenkeelctl, with no program running."""

import os
import signal
import subprocess
import sys
import time

from checks import play_in_lab
from lab import FOLDER, Program, names, wait_for

STATE = f"{FOLDER}/state"


def release(build, *words):
    """Exit status and all that is said."""
    command = [os.path.join(build, "evenkeelctl"), "release", "--state", STATE, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def mask(guest):
    return "".join("1" if may else "0" for may in guest.domain.vcpus()[1][0])


def masks(lab):
    return [mask(guest) for guest in lab.guests]


def killed_after(lab, build, name, changed):
    """The program is killed once it has changed something."""
    program = Program(build, name, "1", "--state", STATE)
    try:
        wait_for("a change", changed, 90)
    finally:
        program.process.send_signal(signal.SIGKILL)
        program.stop()


def save_and_start(guest):
    guest.domain.managedSave()
    guest.domain.create()


def pins_return(lab, build, checks):
    checks.case("pins return", "two busy guests on pCPU 0; one is moved, saved, and comes back")
    for guest in lab.guests:
        guest.busy(4000, 0)
        guest.pin([0])
    first = mask(lab.guests[0])
    killed_after(lab, build, "vcpu_scheduler", lambda: len(set(masks(lab))) > 1)
    moved = next(guest for guest in lab.guests if mask(guest) != first)
    ours = mask(moved)
    save_and_start(moved)
    checks.that("it comes back with our pin", mask(moved) == ours, mask(moved))
    with Program(build, "vcpu_scheduler", "1", "--state", STATE) as program:
        time.sleep(5)
        told = "came back with what it went with" in program.output()
    checks.that("a program that is started then sees that", told)
    save_and_start(moved)
    status, said = release(build, moved.name)
    checks.that("release puts back what was found first", status == 0 and mask(moved) == first, f"{mask(moved)} {said}")
    status, said = release(build)
    checks.that("and all the rest", status == 0 and set(masks(lab)) == {first}, f"{masks(lab)} {said}")
    checks.that("nothing is owed then", not any(name.startswith("vcpus-") for name in os.listdir(STATE)), os.listdir(STATE))


def booted_instead(lab, build, checks):
    checks.case("booted instead", "the same, and the guest is ended and booted: it floats, as its definition says")
    first = mask(lab.guests[0])
    killed_after(lab, build, "vcpu_scheduler", lambda: len(set(masks(lab))) > 1)
    moved = next(guest for guest in lab.guests if mask(guest) != first)
    moved.domain.destroy()
    moved.domain.create()
    floating = mask(moved)
    status, said = release(build)
    checks.that("it is left as it was booted", status == 0 and mask(moved) == floating != first, f"{mask(moved)} {said}")
    others = [mask(guest) for guest in lab.guests if guest is not moved]
    checks.that("the others get theirs", set(others) == {first}, others)


def size_returns(lab, build, checks):
    checks.case("size returns", "an idle guest gives memory, is saved, and comes back")
    guest = lab.guests[0]
    guest.idle()
    found = guest.memory()[0]
    killed_after(lab, build, "memory_coordinator", lambda: guest.memory()[0] < found - 100)
    time.sleep(3)
    ours = guest.memory()[0]
    save_and_start(guest)
    period = "<stats period='1'/>"
    checks.that("it comes back with our size", guest.memory()[0] < found - 100, f"{ours} {guest.memory()[0]} MiB")
    checks.that("and our period", period in guest.domain.XMLDesc())
    status, said = release(build)
    wait_for("the balloon", lambda: guest.memory()[0] > found - 1, 60)
    checks.that("release puts back what was found first", status == 0, said)
    checks.that("and the period", period not in guest.domain.XMLDesc())


def stopped_for_good(lab, build, checks):
    checks.case("stopped for good", "a guest gives memory, and the coordinator is asked to stop: with on-stop = release")
    guest = lab.guests[1]
    guest.wait_ready()  # its shell was another before it was saved
    guest.idle()
    found = guest.memory()[0]
    with Program(build, "memory_coordinator", "1", "--state", STATE, "--on-stop", "release") as program:
        wait_for("a change", lambda: guest.memory()[0] < found - 100, 90)
        status = program.stop()[1]
        said = program.output()
    wait_for("the balloon", lambda: guest.memory()[0] > found - 1, 60)
    checks.that("it gives the size back", status == 0 and "put back" in said, said[-300:])
    checks.that("and the period", "<stats period='1'/>" not in guest.domain.XMLDesc())


def play(lab, build, checks):
    lab.boot(names(2), max_mib=512)
    for case in (pins_return, booted_instead, size_returns, stopped_for_good):
        checks.play_once(case, lab, build, checks)


if __name__ == "__main__":
    sys.exit(play_in_lab(sys.argv[1], sys.argv[2:], play, least_pcpus=1))

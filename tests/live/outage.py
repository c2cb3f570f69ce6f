# SPDX-License-Identifier: GPL-3.0-or-later
"""outage.py BUILD [--in-use] [MINUTES]: libvirtd killed, hanging, and coming back, and a guest whose QEMU does not answer: the
programs live through it, go on with the others, and still end within a second when asked to. With
MINUTES both programs run for so long beside guests that work, and libvirtd is killed each minute.
--in-use: this machine has other things to do (checks.py)."""

import json
import os
import signal
import sys
import time

from checks import play_in_lab
from lab import Program, names, wait_for

CALL_LIMIT_S = 10


def intervals(program):
    """The JSON objects so far."""
    with open(program.out_path) as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def goes_on(program, seconds):
    """Whether another interval comes within so many seconds."""
    seen = len(intervals(program))
    try:
        wait_for("another interval", lambda: len(intervals(program)) > seen, seconds)
        return True
    except Exception:
        return False


def complaints(program):
    with open(program.err_path) as file:
        return file.read()


def killed(lab, build, checks):
    checks.case("killed", "libvirtd is killed and started again 3 s later")
    with Program(build, "memory_coordinator", "1") as program:
        checks.that("it starts", goes_on(program, 15))
        lab.stop_libvirtd(signal.SIGKILL)
        time.sleep(3)
        checks.that("it lives without libvirtd", program.alive())
        lab.start_libvirtd()
        checks.that("it goes on", goes_on(program, 15))
        checks.that("it says both, once", complaints(program).count("working again") == 1)
        seconds, status = program.stop()
        checks.that("SIGTERM ends it within a second", seconds < 1 and status == 0, f"{seconds:.2f} s")


def hanging(lab, build, checks):
    checks.case("hanging", f"libvirtd stops for {CALL_LIMIT_S + 3} s, comes back, and stops again")
    with Program(build, "vcpu_scheduler", "1") as program:
        checks.that("it starts", goes_on(program, 15))
        lab.libvirtd.send_signal(signal.SIGSTOP)
        time.sleep(CALL_LIMIT_S + 3)
        checks.that("it lives, and says why nothing happens", "did not answer" in complaints(program))
        lab.libvirtd.send_signal(signal.SIGCONT)
        checks.that("it goes on", goes_on(program, CALL_LIMIT_S + 5))
        lab.libvirtd.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        seconds, status = program.stop()
        lab.libvirtd.send_signal(signal.SIGCONT)
        checks.that("SIGTERM ends it although a call hangs", seconds < 1 and status == 0, f"{seconds:.2f} s")


def qemu_of(guest):
    with open(f"/run/libvirt/qemu/{guest.name}.pid") as file:
        return int(file.read())


def state(program, guest):
    last = intervals(program)[-1]
    return {entry["name"]: entry["state"] for entry in last["guests"]}.get(guest.name)


def one_guest_hangs(lab, build, checks):
    sick, well = lab.guests
    checks.case("one guest hangs", f"the QEMU of {sick.name} stops for 40 s")
    with Program(build, "memory_coordinator", "1") as program:
        wait_for("statistics", lambda: goes_on(program, 5) and state(program, sick) == "ok", 60)
        os.kill(qemu_of(sick), signal.SIGSTOP)
        time.sleep(CALL_LIMIT_S + 10)
        checks.that("the others go on", goes_on(program, 5) and state(program, well) == "ok")
        checks.that("it is not believed", state(program, sick) == "silent", state(program, sick))
        time.sleep(20)
        os.kill(qemu_of(sick), signal.SIGCONT)
        wait_for(
            "its return", lambda: goes_on(program, 15) and state(program, sick) in ("learning", "ok"), 60
        )
        checks.that("it comes back", program.alive())
        seconds, status = program.stop()
        checks.that("SIGTERM ends it within a second", seconds < 1 and status == 0, f"{seconds:.2f} s")


def resident_kib(program):
    with open(f"/proc/{program.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def a_minute(lab, programs, minute):
    """Guests work, libvirtd is killed, and what did not go on is returned."""
    guest = lab.guests[minute % len(lab.guests)]
    guest.idle()
    guest.busy(*((4000, 2000) if minute % 2 else (1000, 8000)))
    guest.eat(200, 8, hold_s=20)
    time.sleep(54)
    lab.stop_libvirtd(signal.SIGKILL)
    time.sleep(3)
    lab.start_libvirtd()
    return [program.name for program in programs if not (program.alive() and goes_on(program, 20))]


def killed_each_minute(lab, build, checks, minutes):
    checks.case("killed each minute", f"{minutes} minutes of guests that work, libvirtd is killed in each")
    late, sizes = [], []
    with Program(build, "vcpu_scheduler", "2") as cpu, Program(build, "memory_coordinator", "2") as memory:
        checks.that("both start", goes_on(cpu, 15) and goes_on(memory, 15))
        for minute in range(minutes):
            late += [f"{name} in minute {minute + 1}" for name in a_minute(lab, (cpu, memory), minute)]
            sizes.append((resident_kib(cpu), resident_kib(memory)))
            print(f"minute {minute + 1}: {sizes[-1][0]} and {sizes[-1][1]} KiB resident", flush=True)
        checks.that("each goes on within 20 s, each time", not late, ", ".join(late[:5]))
        told = [complaints(program).count("working again") for program in (cpu, memory)]
        checks.that("each says so, once for each time", told == [minutes, minutes], str(told))
        running = sum(guest.domain.isActive() for guest in lab.guests)
        checks.that("all guests still run", running == len(lab.guests) and not lab.oom(), " ".join(lab.oom()[:3]))
        first, last = sizes[len(sizes) // 4], sizes[-1]
        checks.that("neither grows", all(b <= a + 1024 for a, b in zip(first, last)), f"{first} {last} KiB")
        for program in (cpu, memory):
            seconds, status = program.stop()
            checks.that(f"SIGTERM ends {program.name}", seconds < 1 and status == 0, f"{seconds:.2f} s")


def run_long(lab, build, checks, minutes):
    lab.boot(names(4), max_mib=384)
    checks.play_once(killed_each_minute, lab, build, checks, minutes)


def run_all(lab, build, checks):
    checks.play(killed, lab, build, checks)
    checks.play(hanging, lab, build, checks)
    lab.boot(names(2), max_mib=384)
    checks.play(one_guest_hangs, lab, build, checks)


def main(build, arguments):
    minutes = [int(argument) for argument in arguments if argument.isdigit()]
    if minutes:
        return play_in_lab(build, arguments, run_long, minutes[0], least_pcpus=1)
    return play_in_lab(build, arguments, run_all, least_pcpus=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

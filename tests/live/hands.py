# SPDX-License-Identifier: GPL-3.0-or-later
"""hands.py BUILD [--in-use]: somebody else pins the same guests, through libvirt and behind its back, and sets
their sizes; and what watching costs libvirtd."""

import json
import os
import re
import subprocess
import sys
import threading
import time

import libvirt
from checks import play_in_lab
from lab import FOLDER, Program, names, wait_for
from load import Load

INTERVAL_S = 1
SCRIPT_S = 5
TURNS = 16
SHARE = 0.45  # of a pCPU: what all of them want is more than one has, and leaves something for the machine


NAMESPACE = "tag:evenkeel.dev,2026:guest"
EATEN_MIB, TAKEN_MIB, CLEAR_MIB = 150, 60, 10
BUS = """<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>"""


class Script(threading.Thread):
    """Does the same to all guests every five seconds."""

    def __init__(self, guests, act):
        super().__init__(daemon=True)
        self.guests, self.act, self.is_over = guests, act, threading.Event()

    def run(self):
        while not self.is_over.wait(SCRIPT_S):
            for guest in self.guests:
                self.act(guest)

    def stop(self):
        self.is_over.set()
        self.join()


def moves_since(program, interval):
    """How many changes of pins the program has reported after that interval, and the last interval."""
    moves, last = 0, 0
    with open(program.out_path) as out:
        for line in out:
            try:
                told = json.loads(line)
            except ValueError:
                continue  # not whole yet
            last = told.get("interval", last)
            moves += len(told.get("moves", [])) if last > interval else 0
    return moves, last


def again_and_again(lab, build, checks):
    checks.case("hands", f"a script pins {len(lab.guests)} busy guests to pCPU 0 every {SCRIPT_S} s for a minute")
    load = Load(lab.guests[0])
    load.fit([(SHARE, lab.guests)], lab.n_pcpus)
    for guest in lab.guests:
        guest.pin([0])
        load.start(guest, SHARE)
    with Program(build, "vcpu_scheduler", str(INTERVAL_S)) as program:
        wait_for("the first pins", lambda: moves_since(program, 0)[0] > 0, 60)
        time.sleep(10)
        _, start = moves_since(program, 0)
        script = Script(lab.guests, lambda guest: guest.pin([0]))
        script.start()
        time.sleep(60)
        script.stop()
        moves, _ = moves_since(program, start)
        said = program.output()
        checks.that("it answers three times at most", 1 <= moves <= 3, f"{moves} pins")
        checks.that("the change is told", "somebody else has set vCPU 0" in said)
        checks.that("that it yields is told", "again and again" in said)
        if checks.is_lost():
            print(said[-3000:])
    for guest in lab.guests:
        guest.idle()


def told(lab, build, checks):
    checks.case("told", "metadata of a running guest are changed, of which libvirt tells")
    guest = lab.guests[0]
    element, live = libvirt.VIR_DOMAIN_METADATA_ELEMENT, libvirt.VIR_DOMAIN_AFFECT_LIVE
    with Program(build, "vcpu_scheduler", "--dry-run", "--verbose", str(INTERVAL_S)) as program:
        time.sleep(5 * INTERVAL_S)
        guest.domain.setMetadata(element, "<guest><vcpu managed='no'/></guest>", "evenkeel", NAMESPACE, live)
        began = time.monotonic()
        wait_for("it to be known",
                 lambda: f"guest '{guest.name}' is left alone, as its definition says" in program.output(), 90)
        took = time.monotonic() - began
        checks.that("it is known in the next interval", took <= 2.5 * INTERVAL_S, f"{took:.1f} s")
    guest.domain.setMetadata(element, None, "evenkeel", NAMESPACE, live)


class Bus:
    """The lab's system bus, on which anybody may do anything."""

    def __enter__(self):
        os.makedirs("/run/dbus", exist_ok=True)
        with open(f"{FOLDER}/bus.conf", "w") as file:
            file.write(BUS)
        self.daemon = subprocess.Popen(["dbus-daemon", f"--config-file={FOLDER}/bus.conf", "--nofork", "--nopidfile"])
        wait_for("the bus", lambda: os.path.exists("/run/dbus/system_bus_socket"), 10)
        return self

    def __exit__(self, *_):
        self.daemon.terminate()
        self.daemon.wait(10)


def rest_of(guests):
    """The guests' sizes in MiB, once they stay."""
    before = []

    def rested():
        before.append([guest.memory()[0] for guest in guests])
        return len(before) > 5 and all(max(sizes) - min(sizes) < 4 for sizes in zip(*before[-5:]))

    wait_for("sizes at rest", rested, 90, pause=1)
    return dict(zip([guest.name for guest in guests], before[-1]))


def answers_to(guest, mib, seen):
    """How often its size went up from what the script sets."""
    is_there, n = False, 0
    for sizes in seen:
        n += is_there and sizes[guest.name] > mib + CLEAR_MIB
        is_there = abs(sizes[guest.name] - mib) <= CLEAR_MIB
    return n


def sizes(lab, build, checks):
    checks.case("sizes", f"a script sets the sizes of {len(lab.guests)} guests every {SCRIPT_S} s for a minute")
    for guest in lab.guests:
        guest.eat(EATEN_MIB, 22)
    with Bus(), Program(build, "memory_coordinator", str(INTERVAL_S)) as program:
        time.sleep(10)
        wanted = {name: int(size) - TAKEN_MIB for name, size in rest_of(lab.guests).items()}
        script = Script(lab.guests, lambda guest: guest.set_mib(wanted[guest.name]))
        script.start()
        seen, end = [], time.monotonic() + 60
        while time.monotonic() < end:
            seen.append({guest.name: guest.memory()[0] for guest in lab.guests})
            time.sleep(0.5)
        status = subprocess.run([f"{build}/evenkeelctl", "status"], capture_output=True, text=True, check=False).stdout
        script.stop()
        said = program.output()
        for guest in lab.guests:
            n = answers_to(guest, wanted[guest.name], seen)
            checks.that(f"{guest.name}: it answers three times at most", 1 <= n <= 3, f"{n} answers")
            checks.that(f"{guest.name}: that it yields is told",
                        f"guest '{guest.name}': somebody else sets its size again and again" in said)
        checks.that("status names one of them",
                    any(f"the size of {guest.name} again and again" in status for guest in lab.guests))
        if checks.is_lost():
            print(seen[::4], status, said[-3000:], sep="\n")
    for guest in lab.guests:
        guest.idle()


def behind_libvirt(lab, build, checks):
    checks.case("behind", "the kernel's mask of a vCPU is changed, which libvirt does not see")
    guest = lab.guests[0]
    guest.pin([0])
    with open(f"/run/libvirt/qemu/{guest.name}.pid") as file:
        process = file.read().strip()
    thread = next(task for task in os.listdir(f"/proc/{process}/task")
                  if open(f"/proc/{process}/task/{task}/comm").read().startswith("CPU 0/"))
    with Program(build, "vcpu_scheduler", "--dry-run", "--verbose", str(INTERVAL_S)) as program:
        time.sleep(5 * INTERVAL_S)
        os.sched_setaffinity(int(thread), {1})
        began = time.monotonic()
        told = wait_for("it to be told", lambda: "somebody else has set vCPU 0 to pCPU 1" in program.output(), 60)
        took = time.monotonic() - began
        checks.that("within sixteen intervals", told and took <= (TURNS + 2) * INTERVAL_S, f"{took:.1f} s")
        guest.pin([0])
        began = time.monotonic()
        wait_for("what is set through libvirt", lambda: "vCPU 0 to pCPU 0" in program.output(), 20)
        took = time.monotonic() - began
        checks.that("what is set through libvirt is told in the next interval", took <= 2.5 * INTERVAL_S, f"{took:.1f} s")


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def scrape(path):
    with open(path) as file:
        return {name: float(value) for name, value in re.findall(r"^evenkeel_(\w+)\{[^}]*\} (\S+)$", file.read(), re.M)}


def cost(lab, build, checks):
    checks.case("cost", f"both programs watch {len(lab.guests)} idle guests for a minute, interval 2 s")
    for guest in lab.guests:
        guest.idle()
    idle_s = cpu_s(lab.libvirtd.pid)
    time.sleep(20)
    idle_pct = (cpu_s(lab.libvirtd.pid) - idle_s) / 20 * 100
    for name in ("vcpu_scheduler", "memory_coordinator"):
        path = f"{FOLDER}/{name}.prom"
        with Program(build, name, "--dry-run", "--metrics-file", path, "2"):
            time.sleep(10)
            first, began_s, began = scrape(path), cpu_s(lab.libvirtd.pid), time.monotonic()
            time.sleep(60)
            last, spent = scrape(path), time.monotonic() - began
            libvirtd_pct = (cpu_s(lab.libvirtd.pid) - began_s) / spent * 100 - idle_pct
        n = last["interval_duration_seconds_count"] - first["interval_duration_seconds_count"]
        calls = (last["libvirt_calls_total"] - first["libvirt_calls_total"]) / n
        own = last["process_cpu_seconds_total"] - first["process_cpu_seconds_total"]
        own_pct = (own - last["solve_cpu_seconds_total"] + first["solve_cpu_seconds_total"]) / spent * 100
        checks.note(f"{name}: {calls:.1f} calls per interval; {own_pct:.2f} % of a core, libvirtd {libvirtd_pct:.2f} %, "
                    f"{libvirtd_pct / len(lab.guests):.3f} % per guest")
        checks.that(f"{name} takes less than 0.3 % of a core", own_pct < 0.3, f"{own_pct:.2f} %")


def run_all(lab, build, checks):
    lab.boot(names(lab.n_pcpus + 1), max_mib=384)
    checks.play(again_and_again, lab, build, checks)
    checks.play(behind_libvirt, lab, build, checks)
    checks.play(told, lab, build, checks)
    checks.play_once(sizes, lab, build, checks)
    checks.play_once(cost, lab, build, checks)


if __name__ == "__main__":
    sys.exit(play_in_lab(sys.argv[1], sys.argv[2:], run_all))

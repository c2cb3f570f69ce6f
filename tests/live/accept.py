# SPDX-License-Identifier: GPL-3.0-or-later
"""The acceptance cases on real guests.

accept.py BUILD                  the eleven cases of the exercise
accept.py BUILD CASE...          by name or kind: cpu-1 ... cpu-7, memory-1 ... memory-4, scarce-1 ...
accept.py BUILD --turn [N]       a share of them, by the number of commits if N is not given, and the
                                 names of those that are left for other turns
--in-use, before all else: this machine has other things to do (checks.py)
"""

import os
import subprocess
import sys
import time

import cpu_cases
import memory_cases
import scarce_cases
from checks import play_in_lab
from lab import names
from load import Load
from picture import Picture

MAX_MIB = 896
GROUPS = {
    "cpu": [case.name for case in cpu_cases.CASES],
    "memory": [case.name for case in memory_cases.CASES],
    "scarce": [case.name for case in scarce_cases.CASES],
}


def this_turn():
    here = os.path.dirname(os.path.abspath(__file__))
    count = ["git", "-c", "safe.directory=*", "-C", here, "rev-list", "--count", "HEAD"]
    try:
        return int(subprocess.run(count, capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError):
        return time.localtime().tm_yday


def chosen(arguments):
    """The names of the cases to run."""
    everything = [name for group in GROUPS.values() for name in group]
    if not arguments:
        return GROUPS["cpu"] + GROUPS["memory"]
    if arguments[0] == "--turn":
        turn = int(arguments[1]) if len(arguments) > 1 else this_turn()
        picked = {GROUPS["cpu"][turn % len(GROUPS["cpu"])]}
        others = GROUPS["memory"] + GROUPS["scarce"]
        picked.add(others[turn % len(others)])
        rest = [name for name in everything if name not in picked]
        print(f"turn {turn}: {' '.join(sorted(picked))}; in other turns: {' '.join(rest)}")
        return [name for name in everything if name in picked]
    unknown = [name for name in arguments if name not in everything and name not in GROUPS]
    if unknown:
        sys.exit(f"accept.py: no case '{unknown[0]}'; there are: {' '.join(everything)}")
    return [n for group, members in GROUPS.items() for n in members if n in arguments or group in arguments]


def run_cpu(lab, picked, build, checks, picture):
    """Two guests per pCPU at the exercise's interval, then four per pCPU at half of it."""
    pcpus = lab.n_pcpus
    cases = [case for case in cpu_cases.CASES if case.name in picked]
    if not cases:
        return
    load = Load(lab.guests[0])
    for per_pcpu, interval in ((2, 2), (4, 1)):
        wanted = names(4 * pcpus)[: per_pcpu * pcpus]
        fresh = [name for name in wanted if name not in {guest.name for guest in lab.guests}]
        lab.boot(fresh, max_mib=MAX_MIB, mib=512)
        guests = [guest for guest in lab.guests if guest.name in wanted]
        heavy, equal, light = (cpu_cases.share_of(k, guests, pcpus) for k in ("heavy", "equal", "light"))
        load.fit([(equal, guests)], pcpus)
        load.fit([(heavy, guests[::2]), (light, guests[1::2])], pcpus)
        for case in cases:
            checks.play(cpu_cases.run, case, lab, guests, load, build, interval, checks, picture)
        for guest in guests:
            guest.idle()


def run_all(lab, build, checks, picked):
    picture = Picture(build)
    lab.boot(names(4 * lab.n_pcpus)[:4], max_mib=MAX_MIB, mib=512)
    for case in memory_cases.CASES:
        if case.name in picked:
            checks.play(memory_cases.run, case, lab, lab.guests, build, 2, checks, picture)
    for case in scarce_cases.CASES:
        if case.name in picked:
            checks.play(scarce_cases.run, case, lab, lab.guests, build, checks, picture)
    run_cpu(lab, picked, build, checks, picture)
    print(f"\npictures and figures: {picture.folder}")


def main(build, arguments):
    picked = chosen([argument for argument in arguments if argument != "--in-use"])
    return play_in_lab(build, arguments, run_all, picked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
